// The theme, the search and the copy buttons. Every page can be read without them.
"use strict";

const remembered = (() => { try { return localStorage.getItem("theme"); } catch { return null; } })();
if (remembered) document.documentElement.dataset.theme = remembered;

function dark() {
  const chosen = document.documentElement.dataset.theme;
  return chosen ? chosen === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
}

function changeTheme() {
  const next = dark() ? "light" : "dark";
  document.documentElement.dataset.theme = next;
  try { localStorage.setItem("theme", next); } catch { /* private windows keep nothing */ }
}

function addCopyButtons() {
  for (const block of document.querySelectorAll(".code.sh")) {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = "Copy";
    button.addEventListener("click", async () => {
      await navigator.clipboard.writeText(block.querySelector("code").textContent.trimEnd() + "\n");
      button.textContent = "Copied";
      setTimeout(() => { button.textContent = "Copy"; }, 1500);
    });
    block.append(button);
  }
}

// ---- search: every word must stand somewhere; where it stands decides the order, then the shorter title

let waiting;
function index() {
  waiting ??= new Promise((done) => {
    const script = document.createElement("script");
    script.src = document.body.dataset.root + "search-index.js";
    script.onload = () => done(window.searchIndex.map((entry) => ({ entry, lower: entry.map((text) => text.toLowerCase()) })));
    document.head.append(script);
  });
  return waiting;
}

function worth(lower, word) {
  const [, page, section, text] = lower;
  if (section.startsWith(word)) return 12;
  if (new RegExp("\\b" + word.replace(/[^\w]/g, "\\$&")).test(section)) return 9;
  if (page.includes(word)) return 5;
  if (section.includes(word)) return 4;
  return text.includes(word) ? 2 : 0;
}

async function find(question) {
  const words = question.toLowerCase().split(/\s+/).filter(Boolean);
  if (!words.length) return [];
  const scored = [];
  for (const { entry, lower } of await index()) {
    const each = words.map((word) => worth(lower, word));
    if (each.every((one) => one > 0)) scored.push([each.reduce((sum, one) => sum + one, 0) - entry[2].length / 100, entry]);
  }
  return scored.sort((a, b) => b[0] - a[0]).slice(0, 12).map(([, entry]) => entry);
}

function around(text, question) {
  const at = Math.max(0, text.toLowerCase().indexOf(question.toLowerCase().split(/\s+/)[0]) - 40);
  return (at ? "…" : "") + text.slice(at, at + 110) + (text.length > at + 110 ? "…" : "");
}

function listening(input, list) {
  let chosen = -1;
  const choose = (next) => {
    const items = [...list.children];
    chosen = Math.max(-1, Math.min(items.length - 1, next));
    items.forEach((item, at) => item.setAttribute("aria-selected", String(at === chosen)));
    input.setAttribute("aria-activedescendant", chosen < 0 ? "" : items[chosen].id);
    items[chosen]?.scrollIntoView({ block: "nearest" });
  };
  const close = () => {
    list.hidden = true;
    input.setAttribute("aria-expanded", "false");
  };
  const show = async () => {
    const question = input.value.trim();
    const found = await find(question);
    if (question !== input.value.trim()) return;
    list.replaceChildren(...found.map(([url, page, section, text], at) => {
      const item = document.createElement("li");
      item.id = "result-" + at;
      item.setAttribute("role", "option");
      const link = document.createElement("a");
      link.href = document.body.dataset.root + url;
      link.tabIndex = -1;
      const title = document.createElement("b");
      title.textContent = section;
      const where = document.createElement("span");
      where.textContent = section === page ? "" : page;
      const excerpt = document.createElement("small");
      excerpt.textContent = around(text, question);
      link.append(title, " ", where, excerpt);
      item.append(link);
      return item;
    }));
    if (question && !found.length) {
      const item = document.createElement("li");
      item.className = "none";
      item.textContent = "Nothing of that name";
      list.append(item);
    }
    list.hidden = !question;
    input.setAttribute("aria-expanded", String(!list.hidden));
    choose(found.length ? 0 : -1);
  };
  input.addEventListener("input", show);
  input.addEventListener("focus", () => { index(); if (input.value.trim()) show(); });
  input.addEventListener("keydown", (event) => {
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      choose(chosen + (event.key === "ArrowDown" ? 1 : -1));
    } else if (event.key === "Enter") {
      const link = list.children[chosen]?.querySelector("a");
      if (link) { close(); location.href = link.href; }
    } else if (event.key === "Escape") close();
  });
  list.addEventListener("click", close);
  document.addEventListener("click", (event) => { if (!event.target.closest(".search")) close(); });
}

document.addEventListener("DOMContentLoaded", () => {
  document.getElementById("theme").addEventListener("click", changeTheme);
  const input = document.getElementById("search");
  listening(input, document.getElementById("results"));
  document.addEventListener("keydown", (event) => {
    if (event.key !== "/" || event.ctrlKey || event.metaKey || /^(INPUT|TEXTAREA)$/.test(document.activeElement.tagName)) return;
    event.preventDefault();
    input.focus();
  });
  addCopyButtons();
  // Where one is should be seen, without moving the page.
  const here = document.querySelector('nav [aria-current="page"]');
  if (here) here.closest("nav").scrollTop = Math.max(0, here.offsetTop - 200);
});
