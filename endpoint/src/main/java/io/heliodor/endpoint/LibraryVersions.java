package io.heliodor.endpoint;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URL;
import java.util.Collections;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The versions of Netty and Jackson that an endpoint runs with, by artifact, as the jars state them in {@code META-INF}.
 *
 * <p>No class of either library is loaded: a wrong version is refused with its remedy, not with a {@code NoClassDefFoundError}.
 * Artifacts without a stated version pass, for example those that were combined into one jar, and copies in other packages.
 *
 * @param netty the modules of Netty that an endpoint uses
 * @param jackson the modules of Jackson
 */
record LibraryVersions(Map<String, String> netty, Map<String, String> jackson) {
    private static final Logger LOG = LoggerFactory.getLogger("io.heliodor.endpoint");

    /** The oldest supported minor version of Netty. The oldest entry in {@code FrameworkVersionsIT} runs with its first release. */
    private static final Release OLDEST_NETTY = new Release(4, 2);

    private static final String NETTY_VERSIONS = "META-INF/io.netty.versions.properties";

    /** The modules that an endpoint uses, each with one of its classes. Others may be there for another library. */
    private static final Map<String, String> NETTY = Map.ofEntries(
            Map.entry("netty-buffer", "io/netty/buffer/ByteBuf.class"),
            Map.entry("netty-codec-base", "io/netty/handler/codec/ByteToMessageDecoder.class"),
            Map.entry("netty-codec-haproxy", "io/netty/handler/codec/haproxy/HAProxyMessage.class"),
            Map.entry("netty-codec-http", "io/netty/handler/codec/http/HttpRequest.class"),
            Map.entry("netty-common", "io/netty/util/Version.class"),
            Map.entry("netty-handler", "io/netty/handler/ssl/SslHandler.class"),
            Map.entry("netty-resolver", "io/netty/resolver/NameResolver.class"),
            Map.entry("netty-transport", "io/netty/channel/Channel.class"),
            Map.entry("netty-transport-classes-epoll", "io/netty/channel/epoll/Epoll.class"),
            Map.entry("netty-transport-classes-io_uring", "io/netty/channel/uring/IoUring.class"),
            Map.entry("netty-transport-native-unix-common", "io/netty/channel/unix/Socket.class"));

    private static final Map<String, String> JACKSON = Map.of(
            "jackson-core", "tools.jackson.core",
            "jackson-databind", "tools.jackson.core",
            "jackson-annotations", "com.fasterxml.jackson.core");

    /** {@code jackson-databind} 3.n needs {@code jackson-annotations} 2.(20 + n). */
    private static final int ANNOTATIONS = 20;

    private static final class Present {
        static final LibraryVersions VERSIONS = of(LibraryVersions.class.getClassLoader());

        private Present() {}
    }

    /** The versions that this endpoint was built and tested with, which the remedies name. */
    private static final class Tested {
        static final Properties VERSIONS = new Properties();

        static {
            URL list = LibraryVersions.class.getResource("libraries.properties");
            if (list != null) {
                read(list, VERSIONS);
            }
        }

        private Tested() {}

        static String netty() {
            return VERSIONS.getProperty("netty", "4.2");
        }
    }

    /** The first two numbers of a version, as in {@code 4.2.18.Final}. */
    private record Release(int major, int minor) implements Comparable<Release> {
        private static final Pattern FORMAT = Pattern.compile("(\\d{1,5})\\.(\\d{1,5})\\b.*");

        static Optional<Release> of(String version) {
            Matcher numbers = FORMAT.matcher(version);
            return numbers.matches()
                    ? Optional.of(new Release(Integer.parseInt(numbers.group(1)), Integer.parseInt(numbers.group(2))))
                    : Optional.empty();
        }

        @Override
        public int compareTo(Release other) {
            return major == other.major ? Integer.compare(minor, other.minor) : Integer.compare(major, other.major);
        }

        @Override
        public String toString() {
            return major + "." + minor;
        }
    }

    /**
     * Checks the versions of this JVM. A mix of supported versions is logged as a warning.
     *
     * @throws IllegalStateException if one is not supported; the message has the remedy
     */
    static void check() {
        Present.VERSIONS.unsupported().ifPresent(message -> {
            throw new IllegalStateException(message);
        });
        Present.VERSIONS.mixed().ifPresent(LOG::warn);
    }

    /**
     * Reads the versions.
     *
     * @param loader of the libraries' classes. If it has an artifact twice, the first counts, as for classes
     * @return the versions that are stated
     */
    static LibraryVersions of(ClassLoader loader) {
        Map<String, String> netty = new TreeMap<>();
        Map<String, String> jackson = new TreeMap<>();
        try {
            for (URL file : Collections.list(loader.getResources(NETTY_VERSIONS))) {
                Properties stated = new Properties();
                read(file, stated);
                for (Map.Entry<String, String> module : NETTY.entrySet()) {
                    String version = stated.getProperty(module.getKey() + ".version");
                    // A jar with a copy of Netty in other packages may keep the list.
                    if (version != null && jars(loader, module.getValue()).contains(jar(file, NETTY_VERSIONS))) {
                        netty.putIfAbsent(module.getKey(), version);
                    }
                }
            }
        } catch (IOException e) {
            LOG.debug("The versions of Netty could not be read.", e);
        }
        JACKSON.forEach((artifact, group) -> {
            URL stated = loader.getResource("META-INF/maven/" + group + "/" + artifact + "/pom.properties");
            Properties properties = new Properties();
            if (stated != null) {
                read(stated, properties);
            }
            Optional.ofNullable(properties.getProperty("version")).ifPresent(version -> jackson.put(artifact, version));
        });
        return new LibraryVersions(netty, jackson);
    }

    /** The jars that have a resource. */
    private static Set<String> jars(ClassLoader loader, String resource) throws IOException {
        return Collections.list(loader.getResources(resource)).stream()
                .map(file -> jar(file, resource))
                .collect(Collectors.toSet());
    }

    private static String jar(URL file, String resource) {
        String text = file.toString();
        return text.substring(0, text.length() - resource.length());
    }

    private static void read(URL file, Properties to) {
        try (InputStream in = file.openStream()) {
            to.load(in);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The reason why these versions are not supported, with the remedy; empty if they are. */
    Optional<String> unsupported() {
        return unsupportedNetty().or(this::unsupportedAnnotations);
    }

    private Optional<String> unsupportedNetty() {
        Map<String, String> old = new TreeMap<>(netty);
        old.entrySet()
                .removeIf(module -> Release.of(module.getValue())
                        .map(version -> version.compareTo(OLDEST_NETTY) >= 0)
                        .orElse(true));
        return old.isEmpty()
                ? Optional.empty()
                : Optional.of("Heliodor needs Netty " + OLDEST_NETTY + ", and the class path has " + byVersion(old)
                        + "; " + nettyRemedy());
    }

    private static String nettyRemedy() {
        String version = Tested.netty();
        return "set the property <netty.version>" + version
                + "</netty.version> with the parent of Spring Boot, or import the BOM io.netty:netty-bom:" + version
                + " before all others, as Quarkus needs it.";
    }

    private Optional<String> unsupportedAnnotations() {
        String databind = jackson.getOrDefault("jackson-databind", "");
        String annotations = jackson.getOrDefault("jackson-annotations", "");
        return Release.of(databind).filter(version -> version.major() == 3).flatMap(version -> {
            Release needed = new Release(2, ANNOTATIONS + version.minor());
            return Release.of(annotations)
                    .filter(present -> present.compareTo(needed) < 0)
                    .map(present -> "jackson-databind " + databind + " needs jackson-annotations " + needed
                            + ", and the class path has " + annotations + "; import the BOM tools.jackson:jackson-bom:"
                            + databind + " before all others, as Quarkus and Micronaut need it.");
        });
    }

    /** The versions of one library that are mixed, with the remedy; empty if there is one of each. */
    Optional<String> mixed() {
        Set<Release> minors = jackson.entrySet().stream()
                .filter(module -> !module.getKey().equals("jackson-annotations"))
                .flatMap(module -> Release.of(module.getValue()).stream())
                .collect(Collectors.toSet());
        if (Set.copyOf(netty.values()).size() > 1) {
            return Optional.of("The class path mixes versions of Netty, which may fail at any time: " + byVersion(netty)
                    + "; " + nettyRemedy());
        }
        if (minors.size() > 1) {
            return Optional.of("The class path mixes versions of Jackson, which may fail at any time: "
                    + byVersion(jackson) + "; import one BOM tools.jackson:jackson-bom before all others.");
        }
        return Optional.empty();
    }

    /** {@code 4.1.133.Final (netty-buffer, netty-common) and 4.2.18.Final (netty-handler)}. */
    private static String byVersion(Map<String, String> modules) {
        Map<String, Set<String>> byVersion = new TreeMap<>();
        modules.forEach((module, version) ->
                byVersion.computeIfAbsent(version, key -> new TreeSet<>()).add(module));
        return String.join(
                " and ",
                byVersion.entrySet().stream()
                        .map(each -> each.getKey() + " (" + String.join(", ", each.getValue()) + ")")
                        .toList());
    }
}
