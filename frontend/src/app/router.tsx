/** Every page of the app. */
import { openAccount } from "@/core/account";
import { patchCore } from "@/core/store";
import { sessionQuery } from "@/features/auth/session";
import { WelcomePage } from "@/features/auth/welcome-page";
import type { QueryClient } from "@tanstack/react-query";
import {
  createRootRouteWithContext,
  createRoute,
  createRouter,
  lazyRouteComponent,
  redirect,
} from "@tanstack/react-router";
import * as z from "zod/mini";
import { AwayPage } from "./away-page";
import { FaultPage } from "./fault-page";
import { isMissingPart, part, PartAway } from "./missing-part";
import { NotFoundPage } from "./not-found-page";
import { Root } from "./root";

interface Context {
  queries: QueryClient;
}

const root = createRootRouteWithContext<Context>()({
  component: Root,
  notFoundComponent: NotFoundPage,
  errorComponent: ({ error, reset }) =>
    error instanceof PartAway ? (
      <AwayPage reset={reset} />
    ) : (
      <FaultPage fault={isMissingPart(error) ? "part" : "page"} />
    ),
});

async function onlyOutside({ context }: { context: Context }): Promise<void> {
  if (await context.queries.ensureQueryData(sessionQuery)) throw redirect({ to: "/chat" });
}

async function onlyInside({ context }: { context: Context }): Promise<void> {
  const user = await context.queries.ensureQueryData(sessionQuery);
  if (!user) throw redirect({ to: "/" });
  // Before anything on the page asks for what the account's records hold.
  openAccount(user.user_id, true).catch(() => patchCore({ fault: "engine" }));
}

const welcome = createRoute({
  getParentRoute: () => root,
  path: "/",
  beforeLoad: onlyOutside,
  component: WelcomePage,
});

const signUp = createRoute({
  getParentRoute: () => root,
  path: "/sign-up",
  component: lazyRouteComponent(
    part(() => import("@/features/auth/sign-up-page")),
    "SignUpPage",
  ),
});

const signIn = createRoute({
  getParentRoute: () => root,
  path: "/sign-in",
  beforeLoad: onlyOutside,
  validateSearch: z.object({
    because: z.optional(
      z.enum(["session", "enrolment", "reset", "deactivated", "deleted", "erased"]),
    ),
  }),
  component: lazyRouteComponent(
    part(() => import("@/features/auth/sign-in-page")),
    "SignInPage",
  ),
});

const forgotPassword = createRoute({
  getParentRoute: () => root,
  path: "/forgot-password",
  beforeLoad: onlyOutside,
  component: lazyRouteComponent(
    part(() => import("@/features/auth/forgot-password-page")),
    "ForgotPasswordPage",
  ),
});

const factorReset = createRoute({
  getParentRoute: () => root,
  path: "/factor-resets/cancel",
  component: lazyRouteComponent(
    part(() => import("@/features/security/factor-reset-page")),
    "FactorResetPage",
  ),
});

const kit = createRoute({
  getParentRoute: () => root,
  path: "/kit",
  beforeLoad: onlyInside,
  component: lazyRouteComponent(
    part(() => import("@/features/devices/kit-page")),
    "KitPage",
  ),
});

const inside = createRoute({
  getParentRoute: () => root,
  id: "inside",
  beforeLoad: onlyInside,
  component: lazyRouteComponent(
    part(() => import("./inside")),
    "Inside",
  ),
});

const noConversation = lazyRouteComponent(
  part(() => import("@/features/chat/no-conversation")),
  "NoConversation",
);

const chat = createRoute({
  getParentRoute: () => inside,
  path: "/chat",
  component: noConversation,
});
const conversation = createRoute({
  getParentRoute: () => inside,
  path: "/chat/$id",
  component: lazyRouteComponent(
    part(() => import("@/features/chat/conversation-page")),
    "ConversationPage",
  ),
});
const people = createRoute({
  getParentRoute: () => inside,
  path: "/people",
  component: noConversation,
});
const settings = createRoute({
  getParentRoute: () => inside,
  path: "/settings",
  component: lazyRouteComponent(
    part(() => import("@/features/settings/settings-index")),
    "SettingsIndex",
  ),
});
const profile = createRoute({
  getParentRoute: () => inside,
  path: "/settings/profile",
  component: lazyRouteComponent(
    part(() => import("@/features/settings/profile-page")),
    "ProfilePage",
  ),
});
const privacy = createRoute({
  getParentRoute: () => inside,
  path: "/settings/privacy",
  component: lazyRouteComponent(
    part(() => import("@/features/settings/privacy-page")),
    "PrivacyPage",
  ),
});
const security = createRoute({
  getParentRoute: () => inside,
  path: "/settings/security",
  component: lazyRouteComponent(
    part(() => import("@/features/settings/security-page")),
    "SecurityPage",
  ),
});
const devices = createRoute({
  getParentRoute: () => inside,
  path: "/settings/devices",
  component: lazyRouteComponent(
    part(() => import("@/features/devices/devices-page")),
    "DevicesPage",
  ),
});
const appearance = createRoute({
  getParentRoute: () => inside,
  path: "/settings/appearance",
  component: lazyRouteComponent(
    part(() => import("@/features/settings/appearance-page")),
    "AppearancePage",
  ),
});
const account = createRoute({
  getParentRoute: () => inside,
  path: "/settings/account",
  component: lazyRouteComponent(
    part(() => import("@/features/settings/account-page")),
    "AccountPage",
  ),
});
const about = createRoute({
  getParentRoute: () => inside,
  path: "/settings/about",
  component: lazyRouteComponent(
    part(() => import("@/features/settings/about-page")),
    "AboutPage",
  ),
});

const admin = createRoute({
  getParentRoute: () => inside,
  path: "/admin",
  component: lazyRouteComponent(
    part(() => import("@/features/admin/admin-page")),
    "AdminPage",
  ),
});
const adminLog = createRoute({
  getParentRoute: () => inside,
  path: "/admin/log",
  component: lazyRouteComponent(
    part(() => import("@/features/admin/log-page")),
    "LogPage",
  ),
});
const adminInvitations = createRoute({
  getParentRoute: () => inside,
  path: "/admin/invitations",
  component: lazyRouteComponent(
    part(() => import("@/features/admin/invitations-page")),
    "InvitationsPage",
  ),
});
const adminAccount = createRoute({
  getParentRoute: () => inside,
  path: "/admin/people/$id",
  component: lazyRouteComponent(
    part(() => import("@/features/admin/account-page")),
    "AccountPage",
  ),
});

const tree = root.addChildren([
  welcome,
  signUp,
  signIn,
  forgotPassword,
  factorReset,
  kit,
  inside.addChildren([
    chat,
    conversation,
    people,
    settings,
    profile,
    privacy,
    security,
    devices,
    appearance,
    account,
    about,
    admin,
    adminLog,
    adminInvitations,
    adminAccount,
  ]),
]);

export function makeRouter(queries: QueryClient) {
  return createRouter({ routeTree: tree, context: { queries }, defaultPreload: "intent" });
}

declare module "@tanstack/react-router" {
  interface Register {
    router: ReturnType<typeof makeRouter>;
  }
}
