package io.heliodor.endpoint;

import io.heliodor.channel.UserSocket;
import io.heliodor.describe.SocketContract;
import io.heliodor.inspect.ServedSocket;
import io.heliodor.transport.handshake.Mount;
import io.heliodor.transport.http.FileReads;
import io.heliodor.transport.http.StaticFiles;
import io.heliodor.transport.http.TextEndpoint;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import tools.jackson.databind.json.JsonMapper;

/** The sockets, files and texts of an endpoint by path. A refused path changes nothing. Not thread-safe. */
final class ServedPaths {
    /** The ends of paths that every socket serves. */
    private static final List<String> RESERVED = List.of("/websocket", "/longpoll", "/heliodor.mjs");

    private final List<Mount<?>> mounts = new ArrayList<>();
    private final List<Mount<?>> managementMounts = new ArrayList<>();
    private final Map<String, UserSocket<?>> sockets = new LinkedHashMap<>();
    private final List<StaticFiles> files = new ArrayList<>();
    private final FileReads reads = new FileReads();
    private final Map<String, TextEndpoint> texts = new LinkedHashMap<>();

    void socket(String path, UserSocket<?> socket) {
        mounts.add(mount(path, socket));
    }

    void managementSocket(String path, UserSocket<?> socket) {
        managementMounts.add(mount(path, socket));
    }

    private Mount<?> mount(String path, UserSocket<?> socket) {
        check(path);
        Objects.requireNonNull(socket, "socket");
        if (path.endsWith("/") || RESERVED.stream().anyMatch(path::endsWith)) {
            throw new IllegalArgumentException(
                    "Path '" + path
                            + "' ends with a slash, /websocket, /longpoll or /heliodor.mjs; clients append these by themselves: write /socket.");
        }
        if (allMounts().anyMatch(mount -> mount.path().equals(path))) {
            throw new IllegalArgumentException("Path '" + path + "' has a socket; mount this one elsewhere.");
        }
        Mount<?> mount = Mount.of(path, socket);
        sockets.put(path, socket);
        return mount;
    }

    void files(String path, Path folder) {
        check(path);
        if (!Files.isDirectory(Objects.requireNonNull(folder, "folder"))) {
            throw new IllegalArgumentException("There is no folder " + folder + " to serve under '" + path + "'.");
        }
        files.add(new StaticFiles(path.endsWith("/") ? path : path + "/", folder, reads));
        files.sort(Comparator.comparingInt((StaticFiles each) -> each.prefix().length())
                .reversed());
    }

    void text(String path, TextHandler handler) {
        check(path);
        Objects.requireNonNull(handler, "handler");
        String name = path.length() > 1 && path.endsWith("/") ? path.substring(0, path.length() - 1) : path;
        if (name.equals("/health") || texts.containsKey(name)) {
            throw new IllegalArgumentException("Path '" + path + "' is taken; choose another.");
        }
        texts.put(name, new TextEndpoint(path, request -> {
            Text answer = handler.answer(
                    new Request(request.path(), request.params(), request.headers(), request.remoteAddress()));
            return new TextEndpoint.Text(answer.status(), answer.type(), answer.text(), answer.headers());
        }));
    }

    private static void check(String path) {
        Objects.requireNonNull(path, "path");
        if (!path.startsWith("/")) {
            throw new IllegalArgumentException("Path '" + path + "' does not begin with a slash.");
        }
        if (path.contains("//")) {
            throw new IllegalArgumentException(
                    "Path '" + path + "' has an empty segment, which requests are served without; remove it.");
        }
    }

    List<Mount<?>> mounts() {
        return List.copyOf(mounts);
    }

    List<Mount<?>> managementMounts() {
        return List.copyOf(managementMounts);
    }

    Stream<Mount<?>> allMounts() {
        return Stream.concat(mounts.stream(), managementMounts.stream());
    }

    /** The longest path first. */
    List<StaticFiles> files() {
        return List.copyOf(files);
    }

    Map<String, TextEndpoint> texts() {
        return Map.copyOf(texts);
    }

    /**
     * The sockets as operators see them.
     *
     * @param onePort whether all sockets have the port of the endpoint
     * @param json the mapper of the payloads, if it is not the default
     */
    List<ServedSocket> inspected(boolean onePort, Optional<JsonMapper> json) {
        return sockets.entrySet().stream()
                .map(each -> new ServedSocket(
                        each.getKey(),
                        onePort || isWithManagement(each.getKey()),
                        () -> contract(each.getValue(), json)))
                .toList();
    }

    private boolean isWithManagement(String path) {
        return managementMounts.stream().anyMatch(mount -> mount.path().equals(path));
    }

    private static SocketContract contract(UserSocket<?> socket, Optional<JsonMapper> json) {
        return json.map(given -> SocketContract.of("Socket", socket, given))
                .orElseGet(() -> SocketContract.of("Socket", socket));
    }
}
