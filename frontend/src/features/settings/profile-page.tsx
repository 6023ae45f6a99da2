import { Avatar } from "@/components/ui/avatar";
import { Button } from "@/components/ui/button";
import { Card } from "@/components/ui/card";
import { TextField } from "@/components/ui/text-field";
import { ApiError } from "@/core/api";
import { FormFailure } from "@/features/auth/form-failure";
import { useUser } from "@/features/auth/session";
import { nameError } from "@/features/auth/sign-up-rules";
import { useProblemText } from "@/i18n/problem-text";
import { useLocale } from "@/i18n/use-locale";
import { displayName } from "@/features/people/names";
import { longDate } from "@/lib/format";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { Form } from "react-aria-components";
import { useTranslation } from "react-i18next";
import { Fact, Facts } from "./facts";
import { PictureButtons } from "./picture-buttons";
import { meQuery, useChangeMe } from "./queries";
import { SectionPage } from "./section-page";

/** What others see of me. */
export function ProfilePage() {
  const { t } = useTranslation();
  const locale = useLocale();
  const user = useUser();
  const { data: me } = useQuery(meQuery);
  const picture = me?.avatar ?? null;
  return (
    <SectionPage title={t("settings.profile")}>
      <Card>
        <div className="flex items-center gap-4 md:gap-5">
          <Avatar name={displayName(user)} picture={picture} size={96} />
          <div className="min-w-0">
            <p className="text-lg font-strong [overflow-wrap:anywhere]">{displayName(user)}</p>
            <p className="truncate text-text-2">@{user.username}</p>
            <PictureButtons picture={picture} />
          </div>
        </div>
        <NameForm />
      </Card>
      <Card title={t("profile.account")}>
        <Facts>
          <Fact label={t("signUp.username")}>{user.username}</Fact>
          <Fact label={t("signUp.email")}>{user.email}</Fact>
          <Fact label={t("profile.since")}>{longDate(Date.parse(user.created_at), locale)}</Fact>
        </Facts>
        <p className="mt-3 text-sm text-text-2">{t("profile.usernameStays")}</p>
      </Card>
    </SectionPage>
  );
}

function NameForm() {
  const { t } = useTranslation();
  const describe = useProblemText();
  const user = useUser();
  const change = useChangeMe();
  const [name, setName] = useState(user.name ?? "");
  const changed = name.trim() !== (user.name ?? "");
  const refused = change.error instanceof ApiError ? change.error.field("name") : undefined;
  const error = nameError(name, t) ?? (refused ? t("signUp.errors.nameFormat") : null);

  return (
    <Form
      validationBehavior="aria"
      className="mt-5 flex flex-col gap-4"
      onSubmit={(event) => {
        event.preventDefault();
        if (changed && !error) {
          change.mutate(
            { name: name.trim() },
            { onSuccess: (me) => setName((now) => (now === name ? (me.name ?? "") : now)) },
          );
        }
      }}
    >
      <TextField
        label={t("signUp.name")}
        aside={t("common.optional")}
        hint={t("profile.nameHint", { username: user.username })}
        autoComplete="name"
        value={name}
        onChange={(value) => {
          setName(value);
          if (change.isError) change.reset();
        }}
        error={error}
      />
      <FormFailure text={change.isError && !refused ? describe(change.error) : null} />
      <div className="flex flex-col gap-3 md:flex-row md:items-center">
        <Button
          type="submit"
          look="primary"
          isPending={change.isPending}
          isDisabled={!changed || error !== null}
        >
          {t("common.save")}
        </Button>
        <p role="status" className="text-md text-text-2">
          {change.isSuccess && !changed && t("profile.saved")}
        </p>
      </div>
    </Form>
  );
}
