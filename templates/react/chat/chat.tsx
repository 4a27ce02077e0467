import "./chat.css";
import { connect } from "@heliodor/client";
import { hooks } from "@heliodor/client/react";
import { Socket } from "phoenix";
import { StrictMode, useEffect, useState } from "react";
import { createRoot } from "react-dom/client";
import type { Chat } from "../types/chat";
import { TextForm } from "./text-form";

const { HeliodorProvider, useChannel, useEvent, usePresence } = hooks<Chat>();
const client = connect<Chat>(new Socket("/socket"));

function Room({ name, onBack }: { name: string; onBack: () => void }) {
  const [room, status] = useChannel("room:lobby", { name });
  const people = usePresence(room);
  const [messages, setMessages] = useState<Chat["types"]["Message"][]>([]);
  useEffect(() => room.onState(() => setMessages([])), [room]);
  useEvent(room, "message", message => setMessages(all => [...all, message]));

  if (status.phase === "refused") {
    const { error } = status;
    return (
      <p role="alert">
        Not entered: {"message" in error ? `the ${error.field} ${error.message}` : error.reason} <button onClick={onBack}>Back</button>
      </p>
    );
  }
  if (status.phase === "closed") {
    return (
      <p role="alert">
        The server has closed the room <button onClick={onBack}>Back</button>
      </p>
    );
  }
  return (
    <>
      <p role="status">{status.phase === "joined" ? `Here: ${[...people.keys()].join(", ")}` : "Connecting…"}</p>
      <ol role="log" aria-label="Messages">
        {messages.map(({ from, text, at }, index) => (
          <li key={index} title={new Date(at).toLocaleString()}>
            <b>{from}</b> {text}
          </li>
        ))}
      </ol>
      <TextForm label="Message" button="Send" maxLength={2000} inert={status.phase !== "joined"} onText={text => room.push("say", { text })} />
    </>
  );
}

function App() {
  const [name, setName] = useState("");
  return (
    <HeliodorProvider client={client}>
      <h1>Chat</h1>
      {name ?
        <Room name={name} onBack={() => setName("")} />
      : <TextForm label="Your name" button="Enter" maxLength={30} onText={setName} />}
    </HeliodorProvider>
  );
}

createRoot(document.getElementById("app")!).render(
  <StrictMode>
    <App />
  </StrictMode>,
);
