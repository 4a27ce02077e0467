package io.heliodor.spring;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.annotation.JsonProperty;
import io.heliodor.channel.Channel;
import io.heliodor.channel.Join;
import io.heliodor.channel.Reply;
import io.heliodor.event.Call;
import io.heliodor.event.Empty;
import io.heliodor.event.Reason;
import io.heliodor.fixtures.Page;
import jakarta.validation.constraints.NotBlank;
import jakarta.validation.constraints.Size;
import org.junit.jupiter.api.Test;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** Payloads, by the application's Bean Validation and its JSON mapper. */
class ValidationTests {
    record Say(
            @NotBlank @Size(max = 10) String body,
            @JsonProperty("sent_by") String sentBy) {}

    static final Call<Say, Say, Reason> SAY = Call.of("say", Say.class, Say.class);

    private final ApplicationContextRunner application = new ApplicationContextRunner()
            .withUserConfiguration(Application.class)
            .withPropertyValues("heliodor.port=0", "heliodor.host=127.0.0.1", "heliodor.security=open");

    @Configuration(proxyBeanMethods = false)
    @EnableAutoConfiguration
    static class Application {
        @Bean
        @ChannelMapping("room")
        Channel<Object, Empty> room() {
            return Channel.join(join -> Join.ok(Empty.EMPTY))
                    .answer(SAY, (say, room) -> Reply.ok(say))
                    .build();
        }
    }

    @Test
    void anInvalidPayloadIsRefusedWithItsFieldAndMessage() {
        application.run(context -> {
            try (Page page =
                    Page.open(context.getEnvironment().getRequiredProperty("local.heliodor.port", Integer.class))) {
                assertThat(page.join("room")).contains("\"ok\"");
                assertThat(page.asks("room", "say", "{\"body\":\" \",\"sent_by\":\"ann\"}"))
                        .contains("\"error\"", "\"invalid_payload\"", "\"body\"", "must not be blank");
                assertThat(page.asks("room", "say", "{\"body\":\"hi\",\"sent_by\":\"ann\"}"))
                        .isEqualTo("{\"status\":\"ok\",\"response\":{\"body\":\"hi\",\"sent_by\":\"ann\"}}");
            }
        });
    }

    @Test
    void thePropertiesOfJacksonHold() {
        application
                .withPropertyValues("spring.jackson.property-naming-strategy=UPPER_CAMEL_CASE")
                .run(context -> {
                    try (Page page = Page.open(
                            context.getEnvironment().getRequiredProperty("local.heliodor.port", Integer.class))) {
                        assertThat(page.join("room")).contains("\"ok\"");
                        assertThat(page.asks("room", "say", "{\"Body\":\"hi\",\"sent_by\":\"ann\"}"))
                                .isEqualTo("{\"status\":\"ok\",\"response\":{\"Body\":\"hi\",\"sent_by\":\"ann\"}}");
                    }
                });
    }
}
