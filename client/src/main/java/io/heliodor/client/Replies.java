package io.heliodor.client;

import io.heliodor.client.json.JsonPayloads;
import io.heliodor.client.json.UnreadablePayload;
import io.heliodor.client.session.Answer;
import io.heliodor.client.session.Refusals;
import io.heliodor.client.status.Refusal;
import io.heliodor.client.wire.Frame;
import io.heliodor.client.wire.Payload;
import io.heliodor.event.Call;
import java.util.Optional;
import java.util.Set;

/** Decodes the answers of calls. */
final class Replies {
    /** The reasons with which the server itself refuses a push, and the one of this client. A call that declares one of them has it as its own. */
    private static final Set<String> OF_SERVER = Set.of(
            "invalid_payload",
            "unhandled_event",
            "crashed",
            "unmatched topic",
            "rate_limited",
            "binary_unsupported",
            "unknown",
            "unanswered",
            "key_reused",
            "unavailable",
            "still_running",
            "overloaded",
            Frame.REPLY_TOO_LARGE);

    private final JsonPayloads payloads;
    private final Diagnostics diagnostics;

    Replies(JsonPayloads payloads, Diagnostics diagnostics) {
        this.payloads = payloads;
        this.diagnostics = diagnostics;
    }

    <R, E> CallResult<R, E> result(Call<?, R, E> call, Answer answer) {
        if (answer instanceof Answer.Ok ok) {
            return reply(call, ok.reply());
        }
        if (answer instanceof Answer.Failed error) {
            return error(call, error.error());
        }
        if (answer instanceof Answer.NotSent) {
            return new CallResult.NotSent<>();
        }
        return answer instanceof Answer.TimedOut ? new CallResult.TimedOut<>() : new CallResult.Closed<>();
    }

    private <R, E> CallResult<R, E> reply(Call<?, R, E> call, Payload reply) {
        try {
            return new CallResult.Ok<>(payloads.read(call.reply(), reply));
        } catch (UnreadablePayload e) {
            diagnostics.invalid(call.name(), e);
            String json = reply.isBinary() ? "{}" : reply.text();
            return new CallResult.Refused<>(new Refusal(CallResult.Refused.INVALID_REPLY, Optional.empty(), json));
        }
    }

    private <R, E> CallResult<R, E> error(Call<?, R, E> call, Payload error) {
        Refusal refusal = Refusals.read(error);
        if (OF_SERVER.contains(refusal.reason()) && !call.reasons().contains(refusal.reason())) {
            return new CallResult.Refused<>(refusal);
        }
        try {
            return new CallResult.Failed<>(payloads.read(call.error(), error));
        } catch (UnreadablePayload e) {
            diagnostics.invalid(call.name(), e);
            return new CallResult.Refused<>(refusal);
        }
    }
}
