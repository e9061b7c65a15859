// A sample app: everything it does with records is checked by the compiler.
import PocketBase from "pocketbase";
import type { BlogPosts, BlogPostsCreate, BlogPostsUpdate, Comments, TypedPocketBase } from "./generated.js";

const pb = new PocketBase("http://127.0.0.1:8090") as TypedPocketBase;

export async function titles(): Promise<string[]> {
    const page = await pb.collection("blog_posts").getList(1, 20, { filter: 'title ~ "a"' });
    return page.items.map((post) => post.title.toUpperCase());
}

export async function publish(draft: BlogPostsCreate): Promise<BlogPosts> {
    const post = await pb.collection("blog_posts").create(draft);
    const change: BlogPostsUpdate = { "tags+": "x", "class-": 1 };
    return pb.collection("blog_posts").update(post.id, change);
}

export async function commented(id: string): Promise<string> {
    const comment: Comments = await pb.collection("comments").getOne(id, { expand: "post,likes" });
    const names: string[] = comment.expand?.likes?.map((user) => user.name) ?? [];
    return `${comment.expand?.post?.title ?? ""} ${names.join()}`;
}

export function choose(post: BlogPosts): "a \"b\"" | "c" | "" {
    return post.type;
}

export async function anything(): Promise<number> {
    const records = await pb.collection("not_known").getFullList<{ id: string }>();
    return records.length;
}

// @ts-expect-error: there is no such member
export const wrong = (post: BlogPosts): string => post.titel;

// @ts-expect-error: the title is missing
export const incomplete: BlogPostsCreate = { class: 1 };

// @ts-expect-error: no such choice
export const other: BlogPostsCreate = { title: "a", type: "z" };

// @ts-expect-error: others may not see the address
export const address = (user: import("./generated.js").Users): string => user.email;
