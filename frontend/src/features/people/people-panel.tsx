import { usePageTitle } from "@/lib/use-page-title";
import { useQuery } from "@tanstack/react-query";
import { useDeferredValue, useState } from "react";
import { useTranslation } from "react-i18next";
import { ContactRows } from "./contact-rows";
import { requestsQuery, useContacts } from "./queries";
import { RequestRows } from "./request-rows";
import { SearchField } from "@/components/ui/search-field";
import { SearchResults } from "./search-results";
import { SkeletonRows } from "@/components/ui/skeleton";

/** Finding people, answering them, and everybody one knows. */
export function PeoplePanel() {
  const { t } = useTranslation();
  usePageTitle(t("people.pageTitle"));
  const [text, setText] = useState("");
  const search = useDeferredValue(text.trim());
  const { data: requests } = useQuery(requestsQuery);
  const contacts = useContacts();

  return (
    <>
      <div className="px-3 pb-3">
        <h1 className="sr-only">{t("people.pageTitle")}</h1>
        <SearchField
          label={t("people.search")}
          hint={text && text.trim().length < 2 ? t("people.searchHint") : null}
          value={text}
          onChange={setText}
        />
      </div>
      <div className="thin-scroll flex min-h-0 grow flex-col gap-5 overflow-y-auto px-3 pb-4">
        {search.length >= 2 ? (
          <SearchResults text={search} onDone={() => setText("")} />
        ) : (
          <>
            {requests && <RequestRows requests={requests} />}
            {contacts ? (
              <ContactRows contacts={contacts} />
            ) : (
              <SkeletonRows label={t("common.loading")} />
            )}
          </>
        )}
      </div>
    </>
  );
}
