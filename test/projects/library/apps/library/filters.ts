import { BaseFilterBackend, type BaseModel, type ModelViewSet, type QuerySet, type Request } from "core-framework";

/** Texts of the view's `filterFields`, compared exactly: as far as one comes without django-filter. */
export class ExactFilter extends BaseFilterBackend {
  filterQueryset<M extends BaseModel>(request: Request, queryset: QuerySet<M>, view: ModelViewSet<M>): QuerySet<M> {
    return Object.values(view.filterFields ?? []).reduce((rows, field) => {
      const value = request.queryParams.get(field)?.trim();
      return value ? rows.where(field, value) : rows;
    }, queryset);
  }
}
