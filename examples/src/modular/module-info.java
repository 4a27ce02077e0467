module com.example.chat {
    requires io.heliodor.endpoint;

    opens com.example.chat to
            tools.jackson.databind;
}
