export { EditorState } from "@codemirror/state";
export { placeholder } from "@codemirror/view";
export { basicSetup, EditorView } from "codemirror";
export { Awareness } from "y-protocols/awareness";
export { yCollab } from "y-codemirror.next";
export { Doc } from "yjs";
export { openDocument } from "../../../../npm/yjs/yjs.mjs";
