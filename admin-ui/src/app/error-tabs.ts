/** Which tab shows the message for an error path. */
export function tabOfError(path: string): "schema" | "rules" | "auth" {
  if (/^(name|fields|indexes|viewQuery|type|id)(\.|$)/.test(path)) return "schema";
  return path.endsWith("Rule") ? "rules" : "auth";
}
