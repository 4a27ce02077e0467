package io.heliodor.client.session;

import io.heliodor.client.wire.Message;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The effects of a state as lines of text, and the numbers in them. */
final class RecordedEffects implements Effects {
    private final List<String> lines = new ArrayList<>();
    final List<Delivery> undelivered = new ArrayList<>();
    long connection;
    long fetch;
    boolean isInFlight;
    boolean isRequested;
    boolean isFinished;

    /** The lines since the last call. */
    List<String> take() {
        List<String> all = List.copyOf(lines);
        lines.clear();
        return all;
    }

    /** The frames that were sent since the last call; other effects are dropped. */
    List<String> frames() {
        return take().stream()
                .filter(line -> line.startsWith("send "))
                .map(line -> line.substring("send ".length()))
                .toList();
    }

    @Override
    public void fetchToken(long number) {
        fetch = number;
        lines.add("fetch");
    }

    @Override
    public void open(long number, @Nullable String token) {
        connection = number;
        isInFlight = false;
        isRequested = false;
        lines.add("open " + token);
    }

    @Override
    public void send(long number, Message frame) {
        if (isInFlight) {
            throw new AssertionError("A frame is sent before the one before was taken.");
        }
        isInFlight = true;
        lines.add("send " + (frame.isBinary() ? "binary" : frame.payload().text()));
    }

    @Override
    public void request(long number) {
        if (isRequested) {
            throw new AssertionError("Two frames are requested.");
        }
        isRequested = true;
    }

    @Override
    public void close(long number, int code, String reason) {
        lines.add("close " + code);
    }

    @Override
    public void deliver(Delivery delivery) {
        undelivered.add(delivery);
        lines.add(text(delivery));
    }

    private static String text(Delivery delivery) {
        if (delivery instanceof Delivery.Message message) {
            return "message " + message.channel() + " " + message.event() + " "
                    + message.payload().text();
        }
        if (delivery instanceof Delivery.State state) {
            return "state " + state.channel() + " " + state.reply().text();
        }
        if (delivery instanceof Delivery.Recovered recovered) {
            return "recovered " + recovered.channel() + " "
                    + recovered.recovery().isRecovered() + " "
                    + recovered.recovery().token().orElse("none");
        }
        if (delivery instanceof Delivery.ChannelChanged changed) {
            return "channel " + changed.channel() + " " + changed.status();
        }
        return "connection " + ((Delivery.ConnectionChanged) delivery).status();
    }

    @Override
    public void complete(long call, Answer answer) {
        lines.add("complete " + call + " " + text(answer));
    }

    private static String text(Answer answer) {
        if (answer instanceof Answer.Ok ok) {
            return "ok " + ok.reply().text();
        }
        if (answer instanceof Answer.Failed error) {
            return "error " + error.error().text();
        }
        return answer.getClass().getSimpleName();
    }

    @Override
    public void refreshed(long refresh, TokenAnswer answer) {
        lines.add("refreshed " + refresh + " " + answer.getClass().getSimpleName());
    }

    @Override
    public void release(int bytes) {
        lines.add("release " + bytes);
    }

    @Override
    public void warn(String fault) {
        lines.add("warn " + fault);
    }

    @Override
    public void finished() {
        isFinished = true;
        lines.add("finished");
    }
}
