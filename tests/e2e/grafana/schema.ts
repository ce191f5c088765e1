// What must a dashboard's JSON look like? Grafana's own types, for values as they stand in JSON.
import type { Dashboard, DashboardLink, DataSourceRef, FieldConfig, GridPos, Panel, VariableModel } from "@grafana/schema";
import type * as timeseries from "@grafana/schema/dist/esm/raw/composable/timeseries/panelcfg/x/TimeSeriesPanelCfg_types.gen";

/** An enum's values in place of its names, all the way down: what JSON.parse() makes. */
type Json<T> = T extends string
  ? `${T}`
  : T extends number
    ? `${T}` extends `${infer N extends number}` ? N : T
    : T extends readonly (infer U)[]
      ? Json<U>[]
      : T extends object
        ? { [K in keyof T]: Json<T[K]> }
        : T;

/** Of a Prometheus data source: the package has no type for it, only for what all queries have. */
interface Query {
  refId: string;
  expr: string;
  legendFormat: string;
  datasource: Json<DataSourceRef>;
}

/** Members that we use; one that Grafana does not have is an error, since literals are checked for surplus members. */
type TimeSeriesPanel = {
  [K in "id" | "title" | "description"]-?: NonNullable<Json<Panel[K]>>;
} & {
  type: "timeseries";
  datasource: Json<DataSourceRef>;
  gridPos: Json<GridPos>;
  fieldConfig: { defaults: Omit<Json<FieldConfig>, "custom"> & { custom: Partial<Json<timeseries.FieldConfig>> }; overrides: [] };
  options: { legend: Partial<Json<timeseries.Options["legend"]>>; tooltip: Json<timeseries.Options["tooltip"]> } & Omit<Json<timeseries.Options>, "legend" | "tooltip">;
  targets: Query[];
};

export type GrafanaDashboard = Omit<Json<Dashboard>, "panels" | "templating" | "links"> & {
  templating: { list: Json<VariableModel>[] };
  links: Json<DashboardLink>[];
  panels: TimeSeriesPanel[];
};
