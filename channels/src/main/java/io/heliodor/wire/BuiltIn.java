package io.heliodor.wire;

/** Distinguishes the serializers and deserializers of Jackson from those of an application. */
final class BuiltIn {
    private BuiltIn() {}

    static boolean isJacksons(Object form) {
        return form.getClass().getName().startsWith("tools.jackson.databind.");
    }
}
