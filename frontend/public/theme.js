// Sets the theme before the first paint; theme/theme.ts takes over afterwards.
(function () {
  var choice = "system";
  try {
    choice = localStorage.getItem("snug.theme") || choice;
  } catch {}
  var dark =
    choice === "dark" || (choice !== "light" && matchMedia("(prefers-color-scheme: dark)").matches);
  document.documentElement.dataset.theme = dark ? "dark" : "light";
})();
