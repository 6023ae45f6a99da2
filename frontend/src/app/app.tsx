import { ApiError } from "@/core/api";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";
import { I18nProvider } from "react-aria-components";
import { useTranslation } from "react-i18next";
import { makeRouter } from "./router";

const queries = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 60_000,
      networkMode: "always",
      // A refusal is an answer; only silence is worth another try.
      retry: (count, fault) => count < 2 && !(fault instanceof ApiError),
    },
    mutations: { networkMode: "always" },
  },
});
const router = makeRouter(queries);

/** Everything: the language, the server's answers, the pages. */
export function App() {
  const { i18n } = useTranslation();
  return (
    <I18nProvider locale={i18n.language}>
      <QueryClientProvider client={queries}>
        <RouterProvider router={router} />
      </QueryClientProvider>
    </I18nProvider>
  );
}
