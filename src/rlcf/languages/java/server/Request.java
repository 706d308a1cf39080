import java.util.Map;

/**
 * A request to the server, as one JSON object:
 *
 * <pre>
 * {"operation": "check" or "compile", "source": the program,
 *  "start": offset, "end": offset, "test_start": offset}
 * </pre>
 *
 * The offsets are optional, and count UTF-16 units of the source: where the completion starts and ends, and where the
 * test of the program starts.
 *
 * @param classesWanted whether the program is to be run
 * @param source the program, its test included
 * @param regions which part of it is whose
 */
record Request(boolean classesWanted, String source, Regions regions) {
    static Request read(String json) {
        Map<String, Object> members = Json.read(json);
        String operation = (String) members.get("operation");
        if (!operation.equals("check") && !operation.equals("compile")) {
            throw new IllegalArgumentException("unknown operation " + operation);
        }
        return new Request(
                operation.equals("compile"),
                (String) members.get("source"),
                new Regions(offset(members, "start"), offset(members, "end"), offset(members, "test_start")));
    }

    /** A request for the verdict alone. */
    static Request check(String source) {
        return new Request(false, source, new Regions(-1, -1, -1));
    }

    private static int offset(Map<String, Object> members, String name) {
        return (Integer) members.getOrDefault(name, -1);
    }
}
