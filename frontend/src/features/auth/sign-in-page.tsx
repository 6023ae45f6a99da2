import { useSearch } from "@tanstack/react-router";
import { useState } from "react";
import { AuthLayout } from "./auth-layout";
import { SignInCode } from "./sign-in-code";
import { SignInForm } from "./sign-in-form";
import type { Challenge } from "./use-sign-in";

export type SignInReason = "session" | "enrolment" | "reset" | "deactivated" | "deleted" | "erased";

/** Password, then the second factor. */
export function SignInPage() {
  const { because } = useSearch({ from: "/sign-in" });
  const [challenge, setChallenge] = useState<Challenge | null>(null);
  return (
    <AuthLayout>
      {challenge ? (
        <SignInCode challenge={challenge} onStartOver={() => setChallenge(null)} />
      ) : (
        <SignInForm because={because} onChallenge={setChallenge} />
      )}
    </AuthLayout>
  );
}
