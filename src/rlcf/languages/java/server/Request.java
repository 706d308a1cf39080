import java.util.Map;

/**
 * A request to the server, as one JSON object:
 *
 * <pre>
 * {"operation": "check" or "compile", "source": the program,
 *  "start": offset, "end": offset, "test_start": offset, "surroundings": text,
 *  "opening": offset, "closing": offset, "entry_point": name}
 * </pre>
 *
 * The offsets are optional, and count UTF-16 units of the source: where the completion starts and ends, where the test of
 * the program starts, where the body of the method that is to be driven opens, and where the completion after it ends. The
 * name is that of the method where none opens there. The surroundings are what stands around a completion that something follows: the same text for the
 * same ones, and none that others have.
 *
 * @param classesWanted whether the program is to be run
 * @param source the program, its test included
 * @param regions which part of it is whose
 * @param surroundings a name of what stands around the completion; {@code null}: it is not known where that is
 * @param target the method that is to be driven; {@code null}: none
 */
record Request(boolean classesWanted, String source, Regions regions, String surroundings, Target target) {
    static Request read(String json) {
        Map<String, Object> members = Json.read(json);
        String operation = (String) members.get("operation");
        if (!operation.equals("check") && !operation.equals("compile")) {
            throw new IllegalArgumentException("unknown operation " + operation);
        }
        return new Request(
                operation.equals("compile"),
                (String) members.get("source"),
                new Regions(offset(members, "start"), offset(members, "end"), offset(members, "test_start")),
                (String) members.get("surroundings"),
                members.containsKey("opening")
                        ? new Target(
                                offset(members, "opening"),
                                offset(members, "closing"),
                                (String) members.get("entry_point"))
                        : null);
    }

    /** A request for the verdict alone. */
    static Request check(String source) {
        return new Request(false, source, new Regions(-1, -1, -1), null, null);
    }

    /** The completion, where it is known where that is. */
    String completion() {
        return source.substring(regions.start(), regions.end());
    }

    /** Where the completion ends, in UTF-16 units, without the white space at its end. */
    int completionEnd() {
        int end = regions.end();
        while (end > regions.start() && Character.isWhitespace(source.charAt(end - 1))) {
            end--;
        }
        return end;
    }

    private static int offset(Map<String, Object> members, String name) {
        return (Integer) members.getOrDefault(name, -1);
    }
}
