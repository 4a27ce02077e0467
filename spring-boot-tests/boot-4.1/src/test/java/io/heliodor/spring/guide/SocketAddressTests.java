package io.heliodor.spring.guide;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import io.heliodor.channel.Channel;
import io.heliodor.channel.Join;
import io.heliodor.event.Empty;
import io.heliodor.spring.ChannelMapping;
import java.io.IOException;
import java.net.Socket;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.security.config.annotation.web.builders.HttpSecurity;
import org.springframework.security.web.SecurityFilterChain;

/** The address that a page connects to, with the web server alone and behind a proxy. */
class SocketAddressTests {
    @Configuration(proxyBeanMethods = false)
    @EnableAutoConfiguration
    @Import(SocketAddress.class)
    static class Application {
        @Bean
        SecurityFilterChain open(HttpSecurity http) throws Exception {
            return http.authorizeHttpRequests(each -> each.anyRequest().permitAll())
                    .build();
        }

        @Bean
        @ChannelMapping("room:*")
        Channel<Object, Empty> room() {
            return Channel.join(join -> Join.ok(Empty.EMPTY)).build();
        }
    }

    private static String get(int port, String host) throws IOException {
        try (Socket web = new Socket("127.0.0.1", port)) {
            String request = "GET /socket-address HTTP/1.1\r\nHost: " + host + "\r\nConnection: close\r\n\r\n";
            web.getOutputStream().write(request.getBytes(US_ASCII));
            String response = new String(web.getInputStream().readAllBytes(), US_ASCII);
            assertThat(response).startsWith("HTTP/1.1 200");
            return response;
        }
    }

    @Test
    void thePageGetsTheOtherPortOrThePathOfTheProxy() throws Exception {
        SpringApplication application = new SpringApplication(Application.class);
        application.setDefaultProperties(Map.of(
                "heliodor.port", "0", "heliodor.host", "127.0.0.1", "heliodor.security", "open", "server.port", "0"));
        try (ConfigurableApplicationContext context = application.run()) {
            int web = context.getEnvironment().getRequiredProperty("local.server.port", Integer.class);
            String port = context.getEnvironment().getRequiredProperty("local.heliodor.port");
            assertThat(get(web, "localhost:" + web)).contains("\nws://localhost:" + port + "/socket");
            assertThat(get(web, "localhost:5173")).contains("\n/socket");
            assertThat(get(web, "desk.example.com")).contains("\n/socket");
        }
    }
}
