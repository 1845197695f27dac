/** What repositories can be about. */
import type * as declared from "../../../hub/operations/categories.ts";
import type { Behaviours } from "../context.ts";

const names: Readonly<Record<string, string>> = {
  "api-management": "API management",
  "content-management-system": "Content management system",
  "data-science": "Data science",
  "databases-and-storage": "Databases & storage",
  "developer-tools": "Developer tools",
  gaming: "Gaming",
  "integration-and-delivery": "Integration & delivery",
  "internet-of-things": "Internet of things",
  "languages-and-frameworks": "Languages & frameworks",
  "machine-learning-and-ai": "Machine learning & AI",
  "message-queues": "Message queues",
  "monitoring-and-observability": "Monitoring & observability",
  networking: "Networking",
  "operating-systems": "Operating systems",
  security: "Security",
  "web-servers": "Web servers",
};

export const allCategories = Object.entries(names).map(([slug, name]) => ({ name, slug }));

export const categories: Behaviours<typeof declared> = { list: () => allCategories };
