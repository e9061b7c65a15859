import type { CollectionType, Rule } from "@/api/types";

type TemplateField = { name: string; type: string; [option: string]: unknown };
type TemplateCollection = {
  name: string;
  type: CollectionType;
  fields: TemplateField[];
  indexes?: string[];
  rules: [list: Rule, view: Rule, create: Rule, update: Rule, delete_: Rule];
};
export type Template = { id: string; title: string; words: string; collections: TemplateCollection[] };

const title = { name: "title", type: "text", required: true, presentable: true, max: 200 };
const name = { name: "name", type: "text", required: true, presentable: true, max: 120 };
const dates = [
  { name: "created", type: "autodate", onCreate: true },
  { name: "updated", type: "autodate", onCreate: true, onUpdate: true },
];
/** `to` is the name of a collection; its id is filled in when the template is used. */
const relation = (field: string, to: string, more: Record<string, unknown> = {}) => ({
  name: field,
  type: "relation",
  to,
  maxSelect: 1,
  ...more,
});
const signedIn = '@request.auth.id != ""';

export const templates: Template[] = [
  {
    id: "blog",
    title: "Blog",
    words: "Posts with an author, tags and a cover; readers see what is published.",
    collections: [
      {
        name: "tags",
        type: "base",
        fields: [name, ...dates],
        indexes: ["CREATE UNIQUE INDEX `idx_tags_name` ON `tags` (`name`)"],
        rules: ["", "", null, null, null],
      },
      {
        name: "posts",
        type: "base",
        fields: [
          title,
          { name: "slug", type: "text", required: true, pattern: "^[a-z0-9-]+$" },
          { name: "body", type: "editor" },
          { name: "cover", type: "file", maxSelect: 1, mimeTypes: ["image/png", "image/jpeg", "image/webp"] },
          { name: "published", type: "date" },
          relation("author", "users"),
          relation("tags", "tags", { maxSelect: 20 }),
          ...dates,
        ],
        indexes: [
          "CREATE UNIQUE INDEX `idx_posts_slug` ON `posts` (`slug`)",
          "CREATE INDEX `idx_posts_published` ON `posts` (`published`)",
        ],
        rules: [
          'published != "" && published <= @now || author = @request.auth.id',
          'published != "" && published <= @now || author = @request.auth.id',
          `${signedIn} && @request.body.author = @request.auth.id`,
          "author = @request.auth.id",
          "author = @request.auth.id",
        ],
      },
      {
        name: "comments",
        type: "base",
        fields: [
          { name: "text", type: "text", required: true, presentable: true, max: 5000 },
          relation("post", "posts", { required: true, cascadeDelete: true }),
          relation("author", "users", { required: true, cascadeDelete: true }),
          ...dates,
        ],
        indexes: ["CREATE INDEX `idx_comments_post` ON `comments` (`post`)"],
        rules: [
          "",
          "",
          `${signedIn} && @request.body.author = @request.auth.id`,
          "author = @request.auth.id",
          "author = @request.auth.id",
        ],
      },
    ],
  },
  {
    id: "shop",
    title: "Shop",
    words: "Products in categories and the orders of your customers.",
    collections: [
      {
        name: "categories",
        type: "base",
        fields: [name, ...dates],
        rules: ["", "", null, null, null],
      },
      {
        name: "products",
        type: "base",
        fields: [
          title,
          { name: "price", type: "number", min: 0, required: true },
          { name: "stock", type: "number", onlyInt: true, min: 0 },
          { name: "status", type: "select", values: ["draft", "published", "archived"], maxSelect: 1, required: true },
          { name: "photos", type: "file", maxSelect: 8, mimeTypes: ["image/png", "image/jpeg", "image/webp"] },
          { name: "description", type: "editor" },
          relation("category", "categories"),
          ...dates,
        ],
        indexes: ["CREATE INDEX `idx_products_status` ON `products` (`status`)"],
        rules: ['status = "published"', 'status = "published"', null, null, null],
      },
      {
        name: "orders",
        type: "base",
        fields: [
          { name: "number", type: "text", presentable: true, autogeneratePattern: "[A-Z0-9]{8}" },
          { name: "status", type: "select", values: ["new", "paid", "sent", "cancelled"], maxSelect: 1 },
          { name: "total", type: "number", min: 0 },
          relation("customer", "users", { required: true, cascadeDelete: true }),
          relation("items", "products", { maxSelect: 100 }),
          ...dates,
        ],
        indexes: ["CREATE INDEX `idx_orders_customer` ON `orders` (`customer`)"],
        rules: ["customer = @request.auth.id", "customer = @request.auth.id", null, null, null],
      },
    ],
  },
  {
    id: "todo",
    title: "To-do list",
    words: "Lists and tasks that only their owner sees.",
    collections: [
      {
        name: "lists",
        type: "base",
        fields: [name, relation("owner", "users", { required: true, cascadeDelete: true }), ...dates],
        rules: [
          "owner = @request.auth.id",
          "owner = @request.auth.id",
          `${signedIn} && @request.body.owner = @request.auth.id`,
          "owner = @request.auth.id",
          "owner = @request.auth.id",
        ],
      },
      {
        name: "tasks",
        type: "base",
        fields: [
          title,
          { name: "done", type: "bool" },
          { name: "due", type: "date" },
          relation("list", "lists", { required: true, cascadeDelete: true }),
          ...dates,
        ],
        indexes: ["CREATE INDEX `idx_tasks_list` ON `tasks` (`list`)"],
        rules: [
          "list.owner = @request.auth.id",
          "list.owner = @request.auth.id",
          "list.owner = @request.auth.id",
          "list.owner = @request.auth.id",
          "list.owner = @request.auth.id",
        ],
      },
    ],
  },
];

type Known = { id: string; name: string };

/** What stands in the way of using a template here; `null` when nothing does. */
export function obstacle(template: Template, known: Known[]): string | null {
  const taken = template.collections.find((one) => known.some((other) => other.name === one.name));
  if (taken) return `There already is a collection ${taken.name}`;
  const made = new Set(template.collections.map((one) => one.name));
  const missing = template.collections
    .flatMap((one) => one.fields)
    .find(
      (field) =>
        field["to"] !== undefined &&
        !made.has(String(field["to"])) &&
        !known.some((other) => other.name === field["to"]),
    );
  return missing ? `It needs a collection ${String(missing["to"])}` : null;
}

/** The template as the server imports it, with fresh ids. */
export function instantiate(template: Template, known: Known[], freshId: () => string) {
  const ids = new Map(known.map((one) => [one.name, one.id]));
  for (const one of template.collections) ids.set(one.name, freshId());
  return template.collections.map(({ name: own, type, fields, indexes = [], rules }) => ({
    id: ids.get(own) ?? "",
    name: own,
    type,
    indexes,
    fields: fields.map(({ to, ...field }) =>
      to === undefined ? field : { ...field, collectionId: ids.get(String(to)) },
    ),
    listRule: rules[0],
    viewRule: rules[1],
    createRule: rules[2],
    updateRule: rules[3],
    deleteRule: rules[4],
  }));
}
