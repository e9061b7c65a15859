import { queryOptions } from "@tanstack/react-query";
import { ClientResponseError } from "pocketbase";
import type { DeepPartial } from "@/lib/merge-deep";
import { pb } from "./client";
import type { RecordRow } from "./types";

export type S3 = {
  enabled: boolean;
  bucket: string;
  region: string;
  endpoint: string;
  accessKey: string;
  forcePathStyle: boolean;
  /** Only ever sent: the server keeps it to itself. */
  secret?: string;
};
export type Smtp = {
  enabled: boolean;
  host: string;
  port: number;
  username: string;
  authMethod: string;
  tls: boolean;
  localName: string;
  password?: string;
};
export type RateRule = { label: string; audience: string; duration: number; maxRequests: number };

/** The settings document. Each member is a section of its own; arrays are replaced as a whole. */
export type Settings = {
  meta: {
    appName: string;
    appURL: string;
    senderName: string;
    senderAddress: string;
    accentColor: string;
    hideControls: boolean;
  };
  smtp: Smtp;
  s3: S3;
  backups: { cron: string; cronMaxKeep: number; s3: S3 };
  logs: { maxDays: number; minLevel: number; logIP: boolean; logAuthId: boolean; maxDataSize?: number };
  rateLimits: { enabled: boolean; rules: RateRule[]; excludedIPs?: string[] };
  batch: { enabled: boolean; maxRequests: number; timeout: number; maxBodySize: number };
  trustedProxy: { headers: string[]; useLeftmostIP: boolean };
  superuserIPs?: string[];
};

export const settingsQuery = queryOptions({
  queryKey: ["settings"],
  queryFn: ({ signal }) => pb.send<Settings>("/api/settings", { method: "GET", signal }),
  staleTime: 30_000,
});

/** Members that are not given stay as they are, to the depth of it; lists are replaced as a whole. */
export function updateSettings(change: DeepPartial<Settings>): Promise<Settings> {
  return pb.send<Settings>("/api/settings", { method: "PATCH", body: change });
}

export type Health = { canBackup?: boolean; realIP?: string; possibleProxyHeader?: string };

export const healthQuery = queryOptions({
  queryKey: ["health"],
  queryFn: async ({ signal }) => {
    const { data } = await pb.send<{ data: Health }>("/api/health", { method: "GET", signal });
    return data;
  },
});

export type Capabilities = { version: string; commit: string; features?: string[] };

/** What the server says about itself; a server of another make answers 404. */
export const capabilitiesQuery = queryOptions({
  queryKey: ["capabilities"],
  queryFn: ({ signal }) => pb.send<Capabilities>("/api/stead/capabilities", { method: "GET", signal }),
  staleTime: Number.POSITIVE_INFINITY,
  retry: false,
});

/**
 * Whether the server has an endpoint of PocketBase that only newer ones have. One that says what it can do has them all. Others
 * are asked for something that can't succeed, to learn whether there is anybody to refuse it: without the endpoint they answer
 * 404, with it they complain about the body.
 */
export function offersQuery(path: string) {
  return queryOptions({
    queryKey: ["offers", path],
    queryFn: async ({ client, signal }) => {
      try {
        await client.fetchQuery(capabilitiesQuery);
        return true;
      } catch (error) {
        if (!isMissing(error)) return true;
      }
      try {
        await pb.send(path, { method: "POST", body: {}, signal });
        return true;
      } catch (error) {
        return !isMissing(error);
      }
    },
    staleTime: 5 * 60_000,
    retry: false,
  });
}

/** The server does not know the address at all. */
export function isMissing(error: unknown): boolean {
  return error instanceof ClientResponseError && (error.status === 404 || error.status === 405);
}

export type MailKind = "verification" | "password-reset" | "email-change" | "otp" | "login-alert";

export function sendTestMail(to: string, template: MailKind, collection: string): Promise<boolean> {
  return pb.settings.testEmail(collection, to, template);
}

export function testStorage(filesystem: "storage" | "backups"): Promise<boolean> {
  return pb.settings.testS3(filesystem);
}

export function appleSecret(
  body: { clientId: string; teamId: string; keyId: string; privateKey: string },
  duration: number,
): Promise<string> {
  return pb.settings
    .generateAppleClientSecret(body.clientId, body.teamId, body.keyId, body.privateKey.trim(), duration)
    .then((answer) => answer.secret);
}

export const superusersQuery = queryOptions({
  queryKey: ["records", "_superusers", "all"],
  queryFn: ({ signal }) => pb.collection("_superusers").getFullList<RecordRow>({ sort: "email", signal }),
});

export function currentSuperuserId(): string {
  return pb.authStore.record?.id ?? "";
}
