package io.heliodor.describe;

import io.heliodor.channel.UserSocket;
import io.heliodor.channel.definition.SocketDefinition;
import io.heliodor.event.CloseCode;
import io.heliodor.schema.Schema;
import io.heliodor.wire.PayloadCodec;
import java.net.URI;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Pattern;
import tools.jackson.databind.json.JsonMapper;

/**
 * All that a socket and its clients send to each other, as one value: topics, events, calls, replies, errors, presences and histories, with
 * JSON Schemas of all payloads. Immutable.
 *
 * {@snippet lang="java" :
 * SocketContract contract = SocketContract.of("Desk", socket);
 * Files.writeString(Path.of("web/desk.ts"), contract.typeScript());
 * }
 *
 * <p>The text of a document is the same on each JVM, so it can be committed and checked: see {@link ContractFiles}.
 *
 * @param name the name, an identifier of Java and TypeScript
 * @param channels the channels, in the order in which topics are matched
 * @param sends the events that connections get under the topic {@code phoenix}, sorted by name
 * @param refreshes whether clients may send fresh tokens
 * @param refusesAfterUpgrade whether clients are refused after the upgrade, by the event {@code refused}
 * @param closeCodes the codes with which a server closes connections
 * @param types the schemas that have names
 */
public record SocketContract(
        String name,
        List<ChannelContract> channels,
        List<EventContract> sends,
        boolean refreshes,
        boolean refusesAfterUpgrade,
        List<CloseCode> closeCodes,
        SortedMap<String, Schema> types) {
    private static final Pattern NAME = Pattern.compile("[A-Z][A-Za-z0-9_]*");

    /**
     * Takes copies, and checks the name.
     *
     * @throws IllegalArgumentException if the name is not an identifier that begins with an upper-case letter
     */
    public SocketContract {
        Objects.requireNonNull(name, "name");
        Objects.requireNonNull(channels, "channels");
        Objects.requireNonNull(sends, "sends");
        Objects.requireNonNull(closeCodes, "closeCodes");
        Objects.requireNonNull(types, "types");
        if (!NAME.matcher(name).matches() || TypeScript.uses(name)) {
            throw new IllegalArgumentException("The contract's name '" + name
                    + "' is the name of a type in TypeScript; write an upper-case letter, then letters, digits and _, except"
                    + " Empty, Json and ArrayBuffer.");
        }
        channels = List.copyOf(channels);
        sends = List.copyOf(sends);
        closeCodes = List.copyOf(closeCodes);
        types = Collections.unmodifiableSortedMap(new TreeMap<>(types));
    }

    /**
     * The contract of a socket whose endpoint has the default mapper.
     *
     * @param name the name of the contract, such as {@code Desk}: an upper-case letter, then letters, digits and {@code _}
     * @param socket the definition
     * @return the contract
     * @throws IllegalArgumentException if the name is not of that form, or a payload can never be read or written
     */
    public static SocketContract of(String name, UserSocket<?> socket) {
        return of(name, socket, PayloadCodec.strict());
    }

    /**
     * The contract of a socket whose endpoint has a mapper of the application.
     *
     * @param name the name of the contract, as for {@link #of(String, UserSocket)}
     * @param socket the definition
     * @param mapper the mapper that the endpoint has, by its {@code json(mapper)}
     * @return the contract
     * @throws IllegalArgumentException as for {@link #of(String, UserSocket)}
     */
    public static SocketContract of(String name, UserSocket<?> socket, JsonMapper mapper) {
        return of(name, socket, PayloadCodec.strict(Objects.requireNonNull(mapper, "mapper")));
    }

    private static SocketContract of(String name, UserSocket<?> socket, PayloadCodec codec) {
        Objects.requireNonNull(name, "name");
        Objects.requireNonNull(socket, "socket");
        return new ContractReader(name, codec).read(SocketDefinition.of(socket));
    }

    /**
     * This contract as JSON.
     *
     * @return an object, indented, with a line feed at its end
     */
    public String json() {
        return ContractJson.text(this);
    }

    /**
     * The types of clients as TypeScript: one file that imports nothing and exports one type, with the name of the contract.
     *
     * @return the file
     */
    public String typeScript() {
        return new TypeScript(this).text();
    }

    /**
     * This contract as a document of AsyncAPI 3.0.
     *
     * @param service the server in it
     * @return JSON, indented, with a line feed at its end
     */
    public String asyncApi(Service service) {
        return new AsyncApi(this, Objects.requireNonNull(service, "service")).text();
    }

    /**
     * The server in a document of AsyncAPI.
     *
     * @param title its title
     * @param version the version of the contract
     * @param url the address of the socket without {@code /websocket}, such as {@code wss://example.org/socket}; empty for none
     */
    public record Service(String title, String version, Optional<URI> url) {
        /** Checks that nothing is null. */
        public Service {
            Objects.requireNonNull(title, "title");
            Objects.requireNonNull(version, "version");
            Objects.requireNonNull(url, "url");
        }

        /**
         * A server without an address.
         *
         * @param title its title
         * @param version the version of the contract
         * @return the value
         */
        public static Service of(String title, String version) {
            return new Service(title, version, Optional.empty());
        }
    }
}
