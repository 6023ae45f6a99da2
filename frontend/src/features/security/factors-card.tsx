import { Button } from "@/components/ui/button";
import { Card } from "@/components/ui/card";
import { Menu, MenuItem } from "@/components/ui/menu";
import { Notice } from "@/components/ui/notice";
import { SkeletonRows } from "@/components/ui/skeleton";
import { passkeysWork } from "@/core/passkeys";
import { LoadFailure } from "@/features/settings/load-failure";
import type { Factor, FactorKind } from "@/protocol.gen";
import { PlusIcon } from "@phosphor-icons/react/Plus";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { AddFactorDialog } from "./add-factor-dialog";
import { FactorRow } from "./factor-row";
import { kindOrder, kinds } from "./kinds";
import { activeFactors, factorsQuery } from "./queries";
import { RemoveFactorDialog } from "./remove-factor-dialog";
import { RenameFactorDialog } from "./rename-factor-dialog";

type Open = { rename: Factor } | { remove: Factor } | { add: FactorKind } | null;

/** What I confirm a sign-in with. */
export function FactorsCard() {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const { data, error, refetch } = useQuery(factorsQuery);
  const [open, setOpen] = useState<Open>(null);
  const [done, setDone] = useState<string | null>(null);
  const factors = activeFactors(data?.factors ?? []);
  const close = () => setOpen(null);

  function begin(next: Open): void {
    setDone(null);
    setOpen(next);
  }

  function finish(text: string | null): void {
    setDone(text);
    close();
    void queries.invalidateQueries(factorsQuery);
  }

  return (
    <Card title={t("factors.title")} lead={t("factors.lead")}>
      {data && (
        <ul aria-label={t("factors.title")} className="mt-1 divide-y divide-line">
          {factors.map((factor) => (
            <FactorRow
              key={factor.factor_id}
              factor={factor}
              onRename={() => begin({ rename: factor })}
              onRemove={() => begin({ remove: factor })}
            />
          ))}
        </ul>
      )}
      {!data && !error && <SkeletonRows count={1} label={t("common.loading")} />}
      {!data && error && <LoadFailure fault={error} onRetry={() => void refetch()} />}
      {done && (
        <div className="mb-3">
          <Notice tone="calm" announces>
            {done}
          </Notice>
        </div>
      )}
      {data && (
        <AddMenu kinds={addable(data.kinds, factors)} onChoose={(kind) => begin({ add: kind })} />
      )}
      {open && "add" in open && (
        <AddFactorDialog
          kind={open.add}
          taken={factors.map(({ label }) => label)}
          onDone={() => finish(t("factors.addedNow"))}
          onClose={close}
        />
      )}
      {open && "rename" in open && (
        <RenameFactorDialog factor={open.rename} onDone={() => finish(null)} onClose={close} />
      )}
      {open && "remove" in open && (
        <RemoveFactorDialog
          factor={open.remove}
          isLast={factors.length === 1}
          onDone={() => finish(t("factors.removedNow"))}
          onClose={close}
        />
      )}
    </Card>
  );
}

/** What this server takes, this browser can do and is not there already where one is enough. */
export function addable(possible: FactorKind[], factors: Factor[]): FactorKind[] {
  return kindOrder.filter(
    (kind) =>
      possible.includes(kind) &&
      (kind !== "passkey" || passkeysWork()) &&
      (kind !== "email" || !factors.some((factor) => factor.kind === "email")),
  );
}

interface AddMenuProps {
  kinds: FactorKind[];
  onChoose: (kind: FactorKind) => void;
}

function AddMenu({ kinds: offered, onChoose }: AddMenuProps) {
  const { t } = useTranslation();
  if (offered.length === 0) return null;
  return (
    <div className="flex flex-col md:items-start">
      <Menu
        label={t("factors.add")}
        placement="bottom start"
        trigger={
          <Button>
            <PlusIcon size={18} />
            {t("factors.add")}
          </Button>
        }
      >
        {offered.map((kind) => {
          const { icon: Icon, add } = kinds[kind];
          return (
            <MenuItem key={kind} icon={<Icon size={20} />} onAction={() => onChoose(kind)}>
              {t(add)}
            </MenuItem>
          );
        })}
      </Menu>
    </div>
  );
}
