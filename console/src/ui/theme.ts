// Light or dark: as the machine says, until somebody says otherwise.
const place = "stateset.theme";

export const theme = {
  start(): void {
    const chosen = localStorage.getItem(place);
    if (chosen) document.documentElement.dataset.theme = chosen;
  },
  toggle(): void {
    const root = document.documentElement;
    const dark = root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
    root.dataset.theme = dark ? "light" : "dark";
    localStorage.setItem(place, root.dataset.theme);
  },
};
