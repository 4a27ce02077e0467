package io.heliodor.describe;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * The documents of a contract as files that are committed: written by a {@code main} or a test, and checked by a test.
 *
 * {@snippet lang="java" :
 * class ContractTests {
 *     @Test
 *     void thePageHasTheTypesOfTheServer() {
 *         ContractFiles.of(SocketContract.of("Desk", socket)).typeScript(Path.of("web/desk.ts")).checkOrWrite();
 *     }
 * }
 * }
 *
 * <p>Immutable. <b>Blocking:</b> it reads and writes files.
 */
public final class ContractFiles {
    /** The system property whose value {@code contract} lets {@link #checkOrWrite} write. */
    private static final String WRITE = "heliodor.write";

    private static final String CONTRACT = "contract";

    private final SocketContract contract;
    private final List<Document> documents;

    private record Document(Path file, String text) {}

    private ContractFiles(SocketContract contract, List<Document> documents) {
        this.contract = contract;
        this.documents = List.copyOf(documents);
    }

    /**
     * No files yet.
     *
     * @param contract the contract
     * @return the value, to which documents are added
     */
    public static ContractFiles of(SocketContract contract) {
        return new ContractFiles(Objects.requireNonNull(contract, "contract"), List.of());
    }

    /**
     * Adds the types for clients.
     *
     * @param file the path of the file, such as {@code web/desk.ts}
     * @return further files
     */
    public ContractFiles typeScript(Path file) {
        return with(file, contract.typeScript());
    }

    /**
     * Adds the document of AsyncAPI.
     *
     * @param file the path of the file, such as {@code docs/desk.asyncapi.json}
     * @param service the server in it
     * @return further files
     */
    public ContractFiles asyncApi(Path file, SocketContract.Service service) {
        return with(file, contract.asyncApi(Objects.requireNonNull(service, "service")));
    }

    /**
     * Adds the contract as JSON.
     *
     * @param file the path of the file
     * @return further files
     */
    public ContractFiles json(Path file) {
        return with(file, contract.json());
    }

    private ContractFiles with(Path file, String text) {
        List<Document> all = new ArrayList<>(documents);
        all.add(new Document(Objects.requireNonNull(file, "file"), text));
        return new ContractFiles(contract, all);
    }

    /**
     * Writes the files that differ, and creates their folders.
     *
     * @return the files that were written
     * @throws UncheckedIOException if a file cannot be read or written
     */
    public List<Path> write() {
        List<Path> written = new ArrayList<>();
        for (Document document : documents) {
            if (difference(document).isPresent()) {
                try {
                    Path folder = document.file().toAbsolutePath().getParent();
                    if (folder != null) {
                        Files.createDirectories(folder);
                    }
                    Files.writeString(document.file(), document.text());
                } catch (IOException e) {
                    throw new UncheckedIOException("The contract cannot be written to " + document.file() + ".", e);
                }
                written.add(document.file());
            }
        }
        return written;
    }

    /**
     * Checks that the files are those of the contract. The line ends of Windows count as line feeds.
     *
     * @throws StaleContractException if a file differs or is missing, with the first line that differs and the way to write it
     * @throws UncheckedIOException if a file cannot be read
     */
    public void check() {
        for (Document document : documents) {
            difference(document).ifPresent(difference -> {
                throw new StaleContractException(document.file() + " is not the contract of the server: " + difference
                        + " Write it with ContractFiles.write(), or run the test with -D" + WRITE + "=" + CONTRACT
                        + ".");
            });
        }
    }

    /**
     * For a test: checks the files, or writes them if the system property {@code heliodor.write} is {@code contract}.
     *
     * @throws StaleContractException as for {@link #check}
     * @throws UncheckedIOException if a file cannot be read or written
     */
    public void checkOrWrite() {
        if (CONTRACT.equals(System.getProperty(WRITE))) {
            write();
        } else {
            check();
        }
    }

    /** A sentence about the first difference; empty if there is none. */
    private static Optional<String> difference(Document document) {
        if (!Files.exists(document.file())) {
            return Optional.of("it does not exist.");
        }
        List<String> there;
        try {
            there = Files.readString(document.file(), StandardCharsets.UTF_8)
                    .lines()
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException("The contract cannot be read from " + document.file() + ".", e);
        }
        List<String> expected = document.text().lines().toList();
        for (int i = 0; i < Math.max(there.size(), expected.size()); i++) {
            String line = i < there.size() ? there.get(i) : "the end of the file";
            String now = i < expected.size() ? expected.get(i) : "the end of the file";
            if (!line.equals(now)) {
                return Optional.of(
                        "line " + (i + 1) + " is '" + line.strip() + "' and should be '" + now.strip() + "'.");
            }
        }
        return Optional.empty();
    }
}
