package io.heliodor.interop;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.heliodor.channel.Channel;
import io.heliodor.channel.Connect;
import io.heliodor.channel.Join;
import io.heliodor.channel.UserSocket;
import io.heliodor.endpoint.Endpoint;
import java.util.Base64;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import kotlin.Unit;
import okhttp3.OkHttpClient;
import org.junit.jupiter.api.Test;
import org.phoenixframework.Defaults;
import org.phoenixframework.Socket;

/** JavaPhoenixClient has no option for a token: an interceptor of OkHttp writes it into the handshake, as phoenix.js does. */
class JavaPhoenixClientTokenIT {
    private static final String TOKEN = "token of ann/+?";

    @Test
    void anInterceptorSendsTheToken() throws Exception {
        CompletableFuture<String> token = new CompletableFuture<>();
        UserSocket<Object> users = UserSocket.<Object>connect(connect -> {
                    token.complete(connect.authToken().orElse("none"));
                    return Connect.ok("ann");
                })
                .channel("room:*", Channel.join(join -> Join.ok("ann")).build())
                .build();
        String base64 = Base64.getEncoder().withoutPadding().encodeToString(TOKEN.getBytes(UTF_8));
        OkHttpClient http = new OkHttpClient.Builder()
                .addInterceptor(chain -> chain.proceed(chain.request()
                        .newBuilder()
                        .header("Sec-WebSocket-Protocol", "phoenix, base64url.bearer.phx." + base64)
                        .build()))
                .build();
        try (Endpoint endpoint = Endpoint.builder()
                .host("127.0.0.1")
                .port(0)
                .socket("/socket", users)
                .build()
                .start()) {
            Socket socket = new Socket(
                    "ws://127.0.0.1:" + endpoint.port() + "/socket",
                    Map.of(),
                    Defaults.VSN,
                    Defaults.INSTANCE.getEncode(),
                    Defaults.INSTANCE.getDecode(),
                    http);
            CompletableFuture<Boolean> open = new CompletableFuture<>();
            socket.onOpen(() -> {
                open.complete(true);
                return Unit.INSTANCE;
            });
            socket.connect();
            assertThat(open.get(60, TimeUnit.SECONDS)).isTrue();
            assertThat(token.get(60, TimeUnit.SECONDS)).isEqualTo(TOKEN);
            socket.disconnect(1000, "the test is over", null);
        } finally {
            http.dispatcher().executorService().shutdown();
            http.connectionPool().evictAll();
        }
    }
}
