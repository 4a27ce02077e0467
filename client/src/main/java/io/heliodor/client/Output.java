package io.heliodor.client;

import io.heliodor.client.session.Answer;
import io.heliodor.client.session.Delivery;
import io.heliodor.client.session.Effects;
import io.heliodor.client.session.TokenAnswer;
import io.heliodor.client.wire.Message;
import org.jspecify.annotations.Nullable;

/** The effects of the state of a client. All of it runs on the loop, and nothing of the application does. */
final class Output implements Effects {
    private final ClientRuntime client;

    Output(ClientRuntime client) {
        this.client = client;
    }

    @Override
    public void fetchToken(long fetch) {
        client.tokenFetches().begin(fetch);
    }

    @Override
    public void open(long connection, @Nullable String token) {
        client.connections().open(connection, token);
    }

    @Override
    public void send(long connection, Message frame) {
        client.connections().send(connection, frame);
    }

    @Override
    public void request(long connection) {
        client.connections().request(connection);
    }

    @Override
    public void close(long connection, int code, String reason) {
        client.connections().close(code, reason, client.diagnostics());
    }

    @Override
    public void deliver(Delivery delivery) {
        client.deliver(delivery);
    }

    @Override
    public void complete(long call, Answer answer) {
        client.complete(call, answer);
    }

    @Override
    public void refreshed(long refresh, TokenAnswer answer) {
        client.refreshed(refresh, answer);
    }

    @Override
    public void release(int bytes) {
        client.room().release(bytes);
    }

    @Override
    public void warn(String fault) {
        client.diagnostics().warn(fault);
    }

    @Override
    public void finished() {
        client.finished();
    }
}
