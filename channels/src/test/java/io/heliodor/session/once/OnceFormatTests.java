package io.heliodor.session.once;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.heliodor.binary.DecodeException;
import io.heliodor.once.CallKey;
import io.heliodor.once.Finding;
import io.heliodor.once.Fingerprint;
import io.heliodor.once.KeptAnswer;
import io.heliodor.once.KeptCall;
import io.heliodor.once.KeyOwner;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** The requests and responses between nodes. */
class OnceFormatTests {
    private static final KeyOwner OWNER = new KeyOwner("a@host#-5", 3);
    private static final KeptAnswer BYTES = new KeptAnswer(true, true, new byte[] {0, 1, -1});

    private static OnceFormat.Request request(Optional<KeptAnswer> answer) {
        return new OnceFormat.Request(
                OnceFormat.Kind.KEEP,
                "b@host#7",
                new KeptCall(new CallKey("users:1", "ä\u0000€"), new Fingerprint(-1, 2), OWNER, answer));
    }

    private static void areEqual(KeptAnswer read, KeptAnswer written) {
        assertThat(read.ok()).isEqualTo(written.ok());
        assertThat(read.binary()).isEqualTo(written.binary());
        assertThat(read.payload()).isEqualTo(written.payload());
    }

    @Test
    void aRequestIsReadAsItWasWritten() throws DecodeException {
        OnceFormat.Request running = request(Optional.empty());
        assertThat(OnceFormat.Request.read(running.write())).isEqualTo(running);
        for (KeptAnswer answer : List.of(BYTES, KeptAnswer.UNKNOWN)) {
            OnceFormat.Request read =
                    OnceFormat.Request.read(request(Optional.of(answer)).write());
            assertThat(read.call().owner()).isEqualTo(OWNER);
            areEqual(read.call().answer().orElseThrow(), answer);
        }
    }

    @Test
    void aResponseIsReadAsItWasWritten() throws DecodeException {
        for (Finding finding : List.of(
                new Finding.Nothing(),
                new Finding.Running(OWNER),
                new Finding.Unknown(),
                new Finding.Reused(),
                new Finding.Promised(Set.of("d@host#2", "e@host#3")),
                new Finding.Unsure())) {
            OnceFormat.Response response = new OnceFormat.Response(new KeyOwner("c@host#1", 0), finding);
            assertThat(OnceFormat.Response.read(response.write())).isEqualTo(response);
        }
        OnceFormat.Response read =
                OnceFormat.Response.read(new OnceFormat.Response(OWNER, new Finding.Answered(BYTES)).write());
        assertThat(read.finding()).isInstanceOf(Finding.Answered.class);
        areEqual(((Finding.Answered) read.finding()).answer(), BYTES);
    }

    @Test
    void theResponseOfANodeThatIsToKeepACallIsReadAsItWasWritten() throws DecodeException {
        assertThat(OnceFormat.writeKept(OWNER, new Finding.Nothing()))
                .as("of all versions")
                .isEqualTo(new byte[] {1});
        assertThat(OnceFormat.writeKept(OWNER, new Finding.Full()))
                .as("of all versions")
                .isEqualTo(new byte[] {0});
        for (Finding finding : List.of(new Finding.Nothing(), new Finding.Full(), new Finding.Running(OWNER))) {
            assertThat(OnceFormat.readKept(OnceFormat.writeKept(OWNER, finding)))
                    .isEqualTo(finding);
        }
    }

    @Test
    void bytesOfAnotherVersionOrACutRequestAreRefused() {
        byte[] request = request(Optional.of(BYTES)).write();
        for (int length = 0; length < request.length; length++) {
            byte[] cut = Arrays.copyOf(request, length);
            assertThatThrownBy(() -> OnceFormat.Request.read(cut)).isInstanceOf(DecodeException.class);
        }
        byte[] later = request.clone();
        later[0] = 2;
        assertThatThrownBy(() -> OnceFormat.Request.read(later)).hasMessageContaining("version 2");
        byte[] other = request.clone();
        other[1] = 3;
        assertThatThrownBy(() -> OnceFormat.Request.read(other)).hasMessageContaining("kind 3");
        assertThatThrownBy(() -> OnceFormat.Response.read(new byte[] {9, 0, 0, 0, 0, 0, 0, 0, 0}))
                .isInstanceOf(DecodeException.class);
    }
}
