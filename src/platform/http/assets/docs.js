// Draws /openapi.json. Text from the document becomes text nodes only, never markup.
"use strict";

const methods = ["get", "post", "put", "patch", "delete"];
let api;

function make(tag, attributes, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes || {})) {
    if (name === "on") Object.entries(value).forEach(([event, act]) => element.addEventListener(event, act));
    else element.setAttribute(name, value);
  }
  element.append(...children.filter((child) => child !== null && child !== undefined));
  return element;
}

// Back-quoted words as code, empty lines as paragraphs; everything else as it is.
function prose(text) {
  return (text || "").split(/\n\n+/).filter(Boolean).map((paragraph) => {
    const parts = paragraph.split("`");
    return make("p", {}, ...parts.map((part, i) => (i % 2 ? make("code", {}, part) : part)));
  });
}

function resolve(schema) {
  return schema && schema.$ref ? schema.$ref.split("/").slice(1).reduce((at, key) => at[key], api) : schema || {};
}

// The schema without "or null", and the rest of what one needs to know of it.
function plain(schema) {
  const nullable = (schema.anyOf || []).some((one) => one.type === "null") || [].concat(schema.type || []).includes("null");
  const bare = schema.anyOf ? { ...schema, ...schema.anyOf.find((one) => one.type !== "null"), anyOf: undefined } : schema;
  return { nullable, of: { ...resolve(bare), description: schema.description || resolve(bare).description } };
}

function typeText(schema) {
  const { nullable, of } = plain(schema);
  const types = [].concat(of.type || (of.properties ? "object" : "any")).filter((type) => type !== "null");
  let text = types.join(" or ");
  if (types[0] === "array") text = "list of " + typeText(of.items || {});
  if (of.additionalProperties && of.additionalProperties.type) text = "map of " + of.additionalProperties.type;
  if (of.format && of.format !== "int64") text += ", " + of.format;
  if (of.enum) text = of.enum.filter((word) => word !== null).join(" · ");
  const low = of.minLength ?? of.minimum ?? of.minItems, high = of.maxLength ?? of.maximum ?? of.maxItems;
  if (high !== undefined) text += `, ${low ?? 0} to ${high}` + (of.maxLength ? " characters" : "");
  else if (low !== undefined) text += `, from ${low}`;
  return text + (nullable ? ", or null" : "");
}

function fields(schema, depth = 0) {
  let { of } = plain(schema);
  if ([].concat(of.type).includes("array")) of = plain(of.items || {}).of;
  if (!of.properties || depth > 4) return null;
  const required = of.required || [];
  return make("div", { class: "fields" }, ...Object.entries(of.properties).map(([name, property]) => {
    const example = (property.examples || [])[0];
    return make("div", {},
      make("div", {}, make("b", {}, name), " ",
        of.additionalProperties === false && required.includes(name) ? make("span", { class: "must" }, "required") : null,
        make("span", { class: "type" }, typeText(property))),
      make("div", {}, plain(property).of.description || "",
        example !== undefined ? make("div", { class: "quiet" }, "e.g. ", make("code", {}, JSON.stringify(example))) : null),
      fields(property, depth + 1));
  }));
}

function example(schema, depth = 0) {
  if (schema.examples && schema.examples.length) return schema.examples[0];
  const { of } = plain(schema);
  const type = [].concat(of.type || (of.properties ? "object" : "string"))[0];
  if (of.examples && of.examples.length) return of.examples[0];
  if (of.enum) return of.enum[0];
  if (type === "object" && of.properties && depth < 5) {
    const closed = of.additionalProperties === false;
    const shown = Object.entries(of.properties).filter(([name]) => !closed || depth === 0 || (of.required || []).includes(name));
    return Object.fromEntries(shown.map(([name, property]) => [name, example(property, depth + 1)]));
  }
  if (type === "array") return depth < 5 && of.items ? [example(of.items, depth + 1)] : [];
  return { object: {}, integer: 1, number: 1, boolean: true }[type] ?? "text";
}

function block(text) {
  if (!navigator.clipboard) return make("pre", {}, make("code", {}, text));
  const copy = make("button", { class: "copy", type: "button", on: { click: () => {
    navigator.clipboard.writeText(text).then(() => { copy.textContent = "copied"; setTimeout(() => { copy.textContent = "copy"; }, 1500); });
  } } }, "copy");
  return make("pre", {}, make("code", {}, text), copy);
}

function curlLine(method, path, operation, body) {
  const lines = [`curl ${method === "get" ? "" : "-X " + method.toUpperCase() + " "}'${location.origin}${path}'`];
  if (!operation.security) lines.push("-H \"Authorization: Bearer $STATESET_KEY\"");
  if (parametersOf(operation).some((one) => one.name === "Idempotency-Key")) lines.push("-H \"Idempotency-Key: $(uuidgen)\"");
  if (body !== undefined) lines.push("-H 'Content-Type: application/json'", `-d '${JSON.stringify(body).replaceAll("'", "'\\''")}'`);
  return lines.join(" \\\n  ");
}

const parametersOf = (operation) => (operation.parameters || []).map(resolve);

function parameterList(operation) {
  const all = parametersOf(operation);
  if (!all.length) return [];
  return [make("h4", {}, "Parameters"), make("div", { class: "fields" }, ...all.map((one) => make("div", {},
    make("div", {}, make("b", {}, one.name), make("span", { class: "chip" }, one.in), " ",
      one.required ? make("span", { class: "must" }, "required") : null,
      make("span", { class: "type" }, typeText(one.schema || {}))),
    make("div", {}, ...prose(one.description)))))];
}

function answers(operation) {
  return [make("h4", {}, "Answers"), make("table", {}, ...Object.entries(operation.responses).map(([status, response]) =>
    make("tr", {}, make("td", { class: "status " + (status < 400 ? "ok" : "no") }, status),
      make("td", {}, ...prose(resolve(response).description)))))];
}

function inside(method, path, operation) {
  const media = operation.requestBody && Object.values(operation.requestBody.content)[0];
  const success = Object.values(operation.responses)[0];
  const shown = success.content && Object.values(success.content)[0].schema;
  const body = media && media.schema && media.schema.$ref ? example(media.schema) : undefined;
  return make("div", { class: "inside" }, ...prose(operation.description),
    make("h4", {}, "Try it"), block(curlLine(method, path, operation, body)),
    ...parameterList(operation),
    ...(media && fields(media.schema) ? [make("h4", {}, "Body" + (operation.requestBody.required ? "" : " (may be left out)")),
      fields(media.schema)] : []),
    ...(shown && fields(shown) ? [make("h4", {}, "What comes back"), block(JSON.stringify(example(shown), null, 2)), fields(shown)] : []),
    ...answers(operation));
}

function route(method, path, operation) {
  const details = make("details", { class: "route", id: operation.operationId },
    make("summary", {}, make("span", { class: "method " + method }, method.toUpperCase()), make("code", {}, path),
      make("span", { class: "what" }, operation.summary || "")));
  details.dataset.words = [method, path, operation.operationId, operation.summary, ...operation.tags].join(" ").toLowerCase();
  details.addEventListener("toggle", () => {
    if (details.open && details.children.length === 1) details.append(inside(method, path, operation));
  });
  return details;
}

function codes() {
  return make("section", { id: "status-codes" }, make("h2", {}, "Status codes"), make("table", {},
    make("tr", {}, ...["Status", "Code", "What it means", "What to do"].map((text) => make("th", {}, text))),
    ...(api["x-codes"] || []).map((code) => make("tr", { id: code.name }, make("td", { class: "status" }, String(code.status)),
      make("td", {}, make("code", {}, code.name)), make("td", {}, code.title), make("td", {}, ...prose(code.remedy))))));
}

function draw() {
  const groups = new Map(api.tags.map((tag) => [tag.name, []]));
  for (const [path, item] of Object.entries(api.paths)) {
    for (const method of methods) if (item[method]) groups.get(item[method].tags[0]).push([method, path, item[method]]);
  }
  const main = document.getElementById("main"), contents = document.getElementById("contents");
  main.replaceChildren(make("h1", {}, api.info.title), ...prose(api.info.description),
    make("p", { class: "quiet" }, "The document itself: ", make("a", { href: "/openapi.json" }, "/openapi.json")));
  for (const [tag, routes] of groups) {
    contents.append(make("div", { class: "group" }, make("h2", {}, tag), ...routes.map(([method, , operation]) =>
      make("a", { href: "#" + operation.operationId }, make("span", { class: "method " + method }, method === "delete" ? "DEL" : method.toUpperCase()),
        operation.summary || operation.operationId))));
    main.append(make("section", {}, make("h2", {}, tag), ...routes.map((one) => route(...one))));
  }
  contents.append(make("div", { class: "group" }, make("h2", {}, "More"), make("a", { href: "#status-codes" }, "Status codes")));
  main.append(codes());
  search("");
  go();
}

// Hides what has not all of the words.
function search(text) {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  const found = new Set();
  for (const details of document.querySelectorAll("details.route")) {
    details.hidden = !words.every((word) => details.dataset.words.includes(word));
    if (!details.hidden) found.add(details.id);
  }
  for (const section of document.querySelectorAll("main > section")) {
    const routes = [...section.querySelectorAll("details.route")];
    section.hidden = routes.length > 0 && routes.every((details) => details.hidden);
  }
  for (const link of document.querySelectorAll("nav a")) link.hidden = words.length > 0 && !found.has(link.hash.slice(1));
  for (const link of document.querySelectorAll("nav a")) link.style.display = link.hidden ? "none" : "";
  for (const group of document.querySelectorAll("nav .group")) group.hidden = [...group.querySelectorAll("a")].every((link) => link.hidden);
}

function go() {
  const wanted = location.hash.slice(1) || (location.pathname.endsWith("/status-codes") ? "status-codes" : "");
  const target = wanted && document.getElementById(wanted);
  document.querySelectorAll("nav a.here").forEach((link) => link.classList.remove("here"));
  if (!target) return;
  if (target.tagName === "DETAILS") target.open = true;
  document.querySelectorAll("nav a").forEach((link) => link.classList.toggle("here", link.hash === "#" + wanted));
  target.scrollIntoView();
}

window.addEventListener("hashchange", go);
document.getElementById("search").addEventListener("input", (event) => search(event.target.value));
document.addEventListener("keydown", (event) => {
  const box = document.getElementById("search");
  if (event.key === "/" && document.activeElement !== box) { event.preventDefault(); box.focus(); }
});
fetch("/openapi.json").then((answer) => answer.json()).then((document_) => { api = document_; draw(); }).catch(() => {
  document.getElementById("main").replaceChildren(make("p", {}, "The document /openapi.json cannot be read at the moment."));
});
