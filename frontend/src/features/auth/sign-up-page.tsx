import { openAccount } from "@/core/account";
import { useEffect } from "react";
import { AuthLayout } from "./auth-layout";
import { ConfirmEmail } from "./confirm-email";
import { useEnrolment } from "./enrolment";
import { Protect } from "./protect";
import { SignUpForm } from "./sign-up-form";

/** The form, then the steps that are left; which one is kept, so that it goes on by itself. */
export function SignUpPage() {
  const enrolment = useEnrolment();
  const userId = enrolment?.user_id ?? null;

  // Keys are made while the person reads mail; they go out once there is a session.
  useEffect(() => {
    if (userId) void openAccount(userId, false);
  }, [userId]);

  return (
    <AuthLayout>
      {!enrolment && <SignUpForm />}
      {enrolment?.step === "email" && <ConfirmEmail enrolment={enrolment} />}
      {enrolment?.step === "protect" && <Protect enrolment={enrolment} />}
    </AuthLayout>
  );
}
