/** Shapes of the wire, as far as the interface relies on them. Options mirror the server's field types one to one. */
type Common = {
  id: string;
  name: string;
  system: boolean;
  hidden: boolean;
  presentable: boolean;
  help: string;
};
type Requirable = Common & { required: boolean };

export type TextField = Requirable & {
  type: "text";
  min: number;
  max: number;
  pattern: string;
  autogeneratePattern: string;
  primaryKey: boolean;
};
export type NumberField = Requirable & { type: "number"; min: number | null; max: number | null; onlyInt: boolean };
export type BoolField = Requirable & { type: "bool" };
type DomainLists = { exceptDomains: string[]; onlyDomains: string[] };
export type EmailField = Requirable & DomainLists & { type: "email" };
export type UrlField = Requirable & DomainLists & { type: "url" };
export type EditorField = Requirable & { type: "editor"; maxSize: number; convertURLs: boolean };
export type DateField = Requirable & { type: "date"; min: string; max: string };
export type AutodateField = Common & { type: "autodate"; onCreate: boolean; onUpdate: boolean };
export type SelectField = Requirable & { type: "select"; values: string[]; maxSelect: number };
export type JsonField = Requirable & { type: "json"; maxSize: number };
export type GeoPointField = Requirable & { type: "geoPoint" };
export type FileField = Requirable & {
  type: "file";
  maxSize: number;
  maxSelect: number;
  mimeTypes: string[];
  thumbs: string[];
  protected: boolean;
};
export type RelationField = Requirable & {
  type: "relation";
  collectionId: string;
  cascadeDelete: boolean;
  minSelect: number;
  maxSelect: number;
};
export type PasswordField = Requirable & {
  type: "password";
  min: number;
  max: number;
  pattern: string;
  cost: number;
};

export type Field =
  | TextField
  | NumberField
  | BoolField
  | EmailField
  | UrlField
  | EditorField
  | DateField
  | AutodateField
  | SelectField
  | JsonField
  | GeoPointField
  | FileField
  | RelationField
  | PasswordField;
export type FieldType = Field["type"];

export type Rule = string | null;
export type MailTemplate = { subject: string; body: string };
/** `clientSecret` is only ever sent. */
export type OAuth2Provider = {
  name: string;
  clientId?: string;
  clientSecret?: string;
  authURL?: string;
  tokenURL?: string;
  userInfoURL?: string;
  displayName?: string;
  pkce?: boolean | null;
  extra?: Record<string, unknown> | null;
};
export type OAuth2 = {
  enabled: boolean;
  providers: OAuth2Provider[];
  mappedFields: { id: string; name: string; username: string; avatarURL: string };
};
export type CollectionType = "base" | "auth" | "view";

export type Collection = {
  id: string;
  name: string;
  type: CollectionType;
  system: boolean;
  created: string;
  updated: string;
  fields: Field[];
  indexes: string[];
  listRule: Rule;
  viewRule: Rule;
  createRule: Rule;
  updateRule: Rule;
  deleteRule: Rule;
  viewQuery?: string;
  authRule?: Rule;
  manageRule?: Rule;
  authAlert?: { enabled: boolean; emailTemplate: MailTemplate };
  passwordAuth?: { enabled: boolean; identityFields: string[] };
  oauth2?: OAuth2;
  verificationTemplate?: MailTemplate;
  resetPasswordTemplate?: MailTemplate;
  confirmEmailChangeTemplate?: MailTemplate;
  mfa?: { enabled: boolean; duration: number; rule: string };
  otp?: { enabled: boolean; duration: number; length: number; emailTemplate: MailTemplate };
  authToken?: { duration: number };
  passwordResetToken?: { duration: number };
  emailChangeToken?: { duration: number };
  verificationToken?: { duration: number };
  fileToken?: { duration: number };
};

export type RecordRow = {
  id: string;
  collectionId: string;
  collectionName: string;
  expand?: Record<string, RecordRow | RecordRow[]>;
  [key: string]: unknown;
};
