package io.heliodor.spring;

import static org.assertj.core.api.Assertions.assertThat;

import io.heliodor.channel.Channel;
import io.heliodor.channel.Join;
import io.heliodor.channel.Reply;
import io.heliodor.event.Call;
import io.heliodor.event.Empty;
import io.heliodor.event.Reason;
import io.heliodor.fixtures.Page;
import java.net.ServerSocket;
import java.net.URL;
import org.junit.jupiter.api.Test;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.devtools.restart.classloader.RestartClassLoader;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** An application that DevTools restarts: its classes are loaded anew, those of the libraries stay. */
class RestartTests {
    @Configuration(proxyBeanMethods = false)
    @EnableAutoConfiguration
    static class Application {
        record Text(String text) {}

        static final Call<Text, Text, Reason> ECHO = Call.of("echo", Text.class, Text.class);

        @Bean
        @ChannelMapping("room:*")
        Channel<Object, Empty> room() {
            return Channel.join(join -> Join.ok(Empty.EMPTY))
                    .answer(ECHO, (text, room) -> Reply.ok(text))
                    .build();
        }
    }

    @Test
    void eachRunServesOnTheSamePort() throws Exception {
        int port;
        try (ServerSocket free = new ServerSocket(0)) {
            port = free.getLocalPort();
        }
        ClassLoader libraries = Thread.currentThread().getContextClassLoader();
        URL[] classes = {
            RestartTests.class.getProtectionDomain().getCodeSource().getLocation()
        };
        for (int run = 1; run <= 3; run++) {
            try (RestartClassLoader loader = new RestartClassLoader(libraries, classes)) {
                Thread.currentThread().setContextClassLoader(loader);
                serve(loader.loadClass(Application.class.getName()), port);
            } finally {
                Thread.currentThread().setContextClassLoader(libraries);
            }
        }
    }

    private static void serve(Class<?> application, int port) throws Exception {
        assertThat(application).isNotSameAs(Application.class);
        Page page;
        try (ConfigurableApplicationContext _ = SpringApplication.run(
                application,
                "--heliodor.port=" + port,
                "--heliodor.host=127.0.0.1",
                "--heliodor.security=open",
                "--server.port=0")) {
            page = Page.open(port);
            assertThat(page.join("room:1")).contains("\"ok\"");
            assertThat(page.asks("room:1", "echo", "{\"text\":\"hi\"}")).contains("{\"text\":\"hi\"}");
        }
        assertThat(page.receives()).as("the page of the run before").isEqualTo("closed with 1001");
    }
}
