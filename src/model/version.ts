/** The version that reports and `--version` show; a test keeps it equal to package.json. */
export const VERSION: string = "0.1.0";
