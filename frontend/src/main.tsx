/** The page starts here. */
import "./theme/theme.css";
import { App } from "@/app/app";
import { startLanguage } from "@/i18n";
import { applyTheme, watchSystemTheme } from "@/theme/theme";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";

applyTheme();
watchSystemTheme();
try {
  await startLanguage();
} catch (fault) {
  // The texts did not arrive: index.html holds the few words for that.
  document.getElementById("not-started")?.removeAttribute("hidden");
  throw fault;
}

const place = document.getElementById("root");
if (place) {
  createRoot(place).render(
    <StrictMode>
      <App />
    </StrictMode>,
  );
}
