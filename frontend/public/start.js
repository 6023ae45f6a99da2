// Before the app: its theme, which theme/theme.ts takes over, and words for when it does not come.
(function () {
  var choice = "system";
  try {
    choice = localStorage.getItem("snug.theme") || choice;
  } catch {}
  var dark =
    choice === "dark" || (choice !== "light" && matchMedia("(prefers-color-scheme: dark)").matches);
  document.documentElement.dataset.theme = dark ? "dark" : "light";
})();

// The first script, or one that it needs, did not arrive or was refused by its hash.
addEventListener(
  "error",
  function (event) {
    if (event.target instanceof HTMLScriptElement) {
      document.getElementById("not-started").hidden = false;
    }
  },
  true,
);
