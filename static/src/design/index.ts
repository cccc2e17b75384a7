/** The design system: everything a page needs to look and behave like the others. */
export * from "./button";
export * from "./class_names";
export * from "./dialog";
export * from "./fields";
export * from "./icons";
export * from "./labels";
export * from "./notices";
export * from "./price";
export * from "./progress";
export * from "./rows";
export * from "./sheet";
export * from "./toast";
export * from "./toggles";
