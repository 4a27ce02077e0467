import theme from "vitepress/theme-without-fonts";
import { searchOptions } from "../../search.mjs";
import "./style.css";

export default {
  extends: theme,
  enhanceApp({ siteData }) {
    // Not in the configuration: there functions become text, which the policy of the page does not let run.
    siteData.value.themeConfig.search.options.miniSearch = { searchOptions };
  },
};
