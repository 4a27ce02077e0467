package io.heliodor.describe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.heliodor.channel.Channel;
import io.heliodor.channel.Join;
import io.heliodor.channel.UserSocket;
import io.heliodor.event.Empty;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Documents that are committed, and checked. */
class ContractFilesTests {
    private static final SocketContract CONTRACT = SocketContract.of(
            "Desk",
            UserSocket.open()
                    .channel(
                            "room:*", Channel.join(join -> Join.ok(Empty.EMPTY)).build())
                    .build());

    @TempDir
    Path folder;

    private ContractFiles files() {
        return ContractFiles.of(CONTRACT)
                .typeScript(folder.resolve("web/desk.ts"))
                .json(folder.resolve("desk.json"))
                .asyncApi(folder.resolve("desk.asyncapi.json"), SocketContract.Service.of("Desk", "1"));
    }

    @Test
    void filesThatDifferAreWritten() throws IOException {
        assertThat(files().write()).hasSize(3);
        assertThat(folder.resolve("web/desk.ts")).hasContent(CONTRACT.typeScript());
        assertThat(files().write()).isEmpty();
        Files.writeString(folder.resolve("desk.json"), "{}");
        assertThat(files().write()).containsExactly(folder.resolve("desk.json"));
        files().check();
    }

    @Test
    void aMissingFileIsStale() {
        assertThatExceptionOfType(StaleContractException.class)
                .isThrownBy(() -> files().checkOrWrite())
                .withMessage(folder.resolve("web/desk.ts")
                        + " is not the contract of the server: it does not exist. Write it with ContractFiles.write(), or run"
                        + " the test with -Dheliodor.write=contract.");
    }

    @Test
    void theFirstLineThatDiffersIsNamed() throws IOException {
        files().write();
        Path types = folder.resolve("web/desk.ts");
        Files.writeString(types, CONTRACT.typeScript().replace("history: false", "history: true"));
        assertThatExceptionOfType(StaleContractException.class)
                .isThrownBy(() -> files().check())
                .withMessageContaining("is 'history: true;' and should be 'history: false;'.");
        Files.writeString(types, CONTRACT.typeScript() + "more\n");
        assertThatExceptionOfType(StaleContractException.class)
                .isThrownBy(() -> files().check())
                .withMessageContaining("is 'more' and should be 'the end of the file'.");
    }

    @Test
    void theLineEndsOfWindowsAreNoDifference() throws IOException {
        files().write();
        Path types = folder.resolve("web/desk.ts");
        Files.writeString(types, CONTRACT.typeScript().replace("\n", "\r\n"));
        files().check();
        assertThat(files().write()).isEmpty();
    }

    @Test
    void aFileThatCannotBeWrittenIsAnError() throws IOException {
        Files.writeString(folder.resolve("web"), "a file");
        assertThatExceptionOfType(UncheckedIOException.class)
                .isThrownBy(() -> files().write())
                .withMessageContaining("desk.ts");
    }
}
