interface Props {
  label: string;
  button: string;
  maxLength: number;
  inert?: boolean;
  onText: (text: string) => void;
}

/** A line of text and a button. */
export function TextForm({ label, button, maxLength, inert, onText }: Props) {
  return (
    <form inert={inert} action={data => onText(String(data.get("text")))}>
      <input name="text" aria-label={label} placeholder={label} maxLength={maxLength} required autoComplete="off" />
      <button>{button}</button>
    </form>
  );
}
