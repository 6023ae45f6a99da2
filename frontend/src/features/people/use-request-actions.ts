import { api } from "@/core/api";
import type { Contact, FoundUser, FriendRequest, PendingRequests } from "@/protocol.gen";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { contactsQuery, requestsQuery } from "./queries";

/** Sending and answering requests. Each shows its result at once and asks the server again. */
export function useRequestActions() {
  const queries = useQueryClient();

  function refresh(): Promise<unknown> {
    return Promise.all([
      queries.invalidateQueries(requestsQuery),
      queries.invalidateQueries(contactsQuery),
      queries.invalidateQueries({ queryKey: ["mine", "search"] }),
    ]);
  }

  function drop(requestId: string): void {
    queries.setQueryData(requestsQuery.queryKey, (before: PendingRequests | undefined) =>
      before
        ? {
            incoming: before.incoming.filter((request) => request.request_id !== requestId),
            outgoing: before.outgoing.filter((request) => request.request_id !== requestId),
          }
        : before,
    );
  }

  const send = useMutation({
    mutationFn: (user: FoundUser) => api.sendRequest({ user_id: user.user_id }),
    onSettled: refresh,
  });
  const accept = useMutation({
    mutationFn: (request: FriendRequest) => api.acceptRequest({ request_id: request.request_id }),
    onSuccess(contact, request) {
      drop(request.request_id);
      queries.setQueryData(contactsQuery.queryKey, (before: Contact[] | undefined) =>
        addContact(before ?? [], contact),
      );
    },
    onSettled: refresh,
  });
  const reject = useMutation({
    mutationFn: (request: FriendRequest) => api.rejectRequest({ request_id: request.request_id }),
    onSuccess: (_, request) => drop(request.request_id),
    onSettled: refresh,
  });
  const withdraw = useMutation({
    mutationFn: (request: FriendRequest) => api.withdrawRequest({ request_id: request.request_id }),
    onSuccess: (_, request) => drop(request.request_id),
    onSettled: refresh,
  });
  return { send, accept, reject, withdraw };
}

export function addContact(contacts: Contact[], contact: Contact): Contact[] {
  return [...contacts.filter(({ user_id }) => user_id !== contact.user_id), contact];
}
