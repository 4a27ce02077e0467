import Refresh from "react-refresh/runtime";

// Before React DOM is loaded, which looks for it then.
Refresh.injectIntoGlobalHook(globalThis);
export default Refresh;
