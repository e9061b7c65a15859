import type { KeyboardEvent } from "react";
import type { CollectionEditor } from "./use-collection-editor";

/** Review, undo and redo by key; a text box undoes what is typed in it by itself. */
export function editorKeys(editor: CollectionEditor, canReview: boolean) {
  return (event: KeyboardEvent) => {
    const { target } = event;
    if (event.defaultPrevented || event.altKey || !(event.ctrlKey || event.metaKey) || !(target instanceof Element))
      return;
    // What is in a dialog reaches this too, and is about the dialog.
    if (target.closest("[role=dialog], [role=alertdialog]")) return;
    const key = event.key.toLowerCase();
    if (key === "s") {
      event.preventDefault();
      if (canReview) editor.review();
    } else if (key === "z" && !target.closest("input, textarea, select, [contenteditable=true]")) {
      event.preventDefault();
      if (event.shiftKey) editor.draft.redo();
      else editor.draft.undo();
    }
  };
}
