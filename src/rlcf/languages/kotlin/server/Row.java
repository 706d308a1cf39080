import java.util.List;

/** A diagnostic. Lines and columns count from 1, columns in units of UTF-16; 0 where there is no place. */
record Row(String code, boolean error, String message, int line, int column) {
    /** What rlcf says of a program that breaks the compiler itself. */
    static final String CRASHED = "rlcf.crashed";

    static String json(List<Row> rows) {
        Json json = new Json().open('[');
        for (Row row : rows) {
            json.open('[').value(row.code).value(row.error ? "error" : "warning").value(row.message);
            json.value(row.line).value(row.column).close(']');
        }
        return json.close(']').toString();
    }
}
