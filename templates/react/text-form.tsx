import { useState } from "react";

interface Props {
  label: string;
  button: string;
  maxLength: number;
  inert?: boolean;
  /** Returns whether it has taken the text; after false the field keeps it. */
  onText: (text: string) => unknown;
}

/** A line of text and a button. */
export function TextForm({ label, button, maxLength, inert, onText }: Props) {
  const [kept, setKept] = useState("");
  async function take(data: FormData) {
    const text = String(data.get("text"));
    setKept((await onText(text)) === false ? text : "");
  }
  return (
    <form inert={inert} action={take}>
      <input name="text" aria-label={label} placeholder={label} maxLength={maxLength} defaultValue={kept} required autoComplete="off" />
      <button>{button}</button>
    </form>
  );
}
