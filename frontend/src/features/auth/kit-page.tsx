import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Navigate, useNavigate } from "@tanstack/react-router";
import { AuthLayout } from "./auth-layout";
import { dropKit, kitQuery } from "./kit";
import { SaveKit } from "./save-kit";
import { useUser } from "./session";

/** The last step of a sign-up, and where the card above the conversations leads. */
export function KitPage() {
  const user = useUser();
  const queries = useQueryClient();
  const navigate = useNavigate();
  const { data: codes } = useQuery(kitQuery);

  if (codes === null) return <Navigate to="/chat" replace />;
  return (
    <AuthLayout>
      {codes && (
        <SaveKit
          codes={codes}
          username={user.username}
          onDone={() => {
            void dropKit(queries);
            void navigate({ to: "/chat", replace: true });
          }}
          onLater={() => void navigate({ to: "/chat", replace: true })}
        />
      )}
    </AuthLayout>
  );
}
