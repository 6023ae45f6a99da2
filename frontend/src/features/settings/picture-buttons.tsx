import { Button } from "@/components/ui/button";
import { FormFailure } from "@/features/auth/form-failure";
import { useProblemText } from "@/i18n/problem-text";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { FileTrigger } from "react-aria-components";
import { useTranslation } from "react-i18next";
import { api, ApiError, NetworkError } from "@/core/api";
import { squarePicture } from "@/lib/square-picture";
import type { Me } from "@/protocol.gen";
import { meQuery } from "./queries";

/** Choosing, replacing and removing one's picture. */
export function PictureButtons({ picture }: { picture: string | null }) {
  const { t } = useTranslation();
  const describe = useProblemText();
  const queries = useQueryClient();
  const choose = useMutation({
    mutationFn: async (file: File) => api.setAvatar(await squarePicture(file)),
    onSuccess: (me) => queries.setQueryData(meQuery.queryKey, me),
  });
  const remove = useMutation({
    mutationFn: api.removeAvatar,
    onSuccess: () =>
      queries.setQueryData(meQuery.queryKey, (me: Me | undefined) => me && { ...me, avatar: null }),
  });
  const fault = choose.error ?? remove.error;
  const ofServer = fault instanceof ApiError || fault instanceof NetworkError;

  return (
    <>
      <div className="mt-3 flex flex-wrap gap-2">
        <FileTrigger
          acceptedFileTypes={["image/png", "image/jpeg", "image/webp", "image/gif"]}
          onSelect={(files) => {
            remove.reset();
            if (files?.[0]) choose.mutate(files[0]);
          }}
        >
          <Button size="small" isPending={choose.isPending}>
            {t(picture ? "profile.changePicture" : "profile.choosePicture")}
          </Button>
        </FileTrigger>
        {picture && (
          <Button
            look="quiet"
            size="small"
            isPending={remove.isPending}
            onPress={() => {
              choose.reset();
              remove.mutate();
            }}
          >
            {t("profile.removePicture")}
          </Button>
        )}
      </div>
      {fault && (
        <div className="mt-3">
          <FormFailure text={ofServer ? describe(fault) : t("profile.noPicture")} />
        </div>
      )}
    </>
  );
}
